package io.ktrdr.protocol.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.settings.Settings;
import java.util.Map;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much this process logs, and in which form: {@code LOG_LEVEL} and {@code LOG_FORMAT}. As JSON,
 * each line is one object with {@code time}, {@code level}, {@code logger}, {@code thread}, {@code
 * message}, with {@code exception} where there is one, and with whatever the log context has.
 */
public final class LogOutput {

  /** Keys of the log context, and so fields of the lines. */
  public static final String OPERATION_ID = "operation_id";

  public static final String ATTEMPT = "attempt";
  public static final String TRACE_ID = "trace_id";
  public static final String SPAN_ID = "span_id";

  private static final String APPENDER = "stdout";
  private static final String NOT_WANTED = "[ignore]";

  private LogOutput() {}

  /**
   * To be called by a {@code main}, as early as it has settings, and again when there are more
   * fields.
   *
   * @param fields that every line of this process has, as JSON
   */
  public static void apply(Settings settings, Map<String, String> fields) {
    String level = settings.logLevel();
    boolean json = settings.logsJson();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
      root.setLevel(Level.toLevel("WARNING".equals(level) ? "WARN" : level));
      if (json
          && root.getAppender(APPENDER) instanceof OutputStreamAppender<ILoggingEvent> appender) {
        appender.setEncoder(encoder(context, fields));
      }
    }
  }

  static LogstashEncoder encoder(Context context, Map<String, String> fields) {
    LogstashFieldNames names = new LogstashFieldNames();
    names.setTimestamp("time");
    names.setLogger("logger");
    names.setThread("thread");
    names.setStackTrace("exception");
    names.setVersion(NOT_WANTED);
    names.setLevelValue(NOT_WANTED);
    ObjectNode own = Json.mapper().createObjectNode();
    fields.forEach(own::put);
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.setFieldNames(names);
    encoder.setTimeZone("UTC");
    encoder.setIncludeContext(false);
    encoder.setCustomFields(own.toString());
    encoder.start();
    return encoder;
  }
}
