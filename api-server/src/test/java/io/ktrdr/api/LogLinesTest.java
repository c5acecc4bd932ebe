package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The form of the API's log, as {@code logback.xml} has it. */
final class LogLinesTest {

  @Test
  void whatUsersWriteCannotLookLikeALineOfItsOwn() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>) root.getAppender("stdout");
    LoggingEvent event =
        new LoggingEvent(
            "",
            root,
            Level.INFO,
            "Operation cancelled: ({})",
            null,
            new Object[] {"why\r\n2026-11-28T00:00:00.000Z [ERROR] all is lost"});
    String line = new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    assertThat(line.strip().lines()).hasSize(1);
    assertThat(line).contains("why 2026-11-28T00:00:00.000Z [ERROR] all is lost)").endsWith("\n");
  }
}
