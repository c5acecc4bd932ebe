package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.tls.Trust;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A worker's settings, from its environment. {@code docs/configuration.md} explains each.
 *
 * @param apiUrl the only one that is required
 * @param apiToken what lets it in there; empty where no token is asked for
 * @param port the one to listen on, or the first to try
 * @param portChosen whether it is that port or none
 * @param endpointUrl empty: found by connecting towards the API
 * @param rabbitmqUrl empty: the API says at registration
 * @param databaseUrl empty: the API says at registration
 * @param trust whose certificates are believed: the API's, the broker's, the database's
 * @param cacheDirectory for artifacts
 * @param cacheBytesMax what they may take there
 * @param stopGrace how long a stop waits for the current operation before it is handed back.
 *     Handing back takes up to 30 s more: a container's stop grace period must be longer than both
 * @param checkpointInterval how often a run's checkpoint is kept: what may have to be done again
 * @param clockOffset a test aid: how wrong this worker's clock is. It shows in event times and the
 *     health answer, and changes nothing else
 */
record WorkerConfig(
    OperationType type,
    URI apiUrl,
    Optional<ApiToken> apiToken,
    WorkerId workerId,
    int port,
    boolean portChosen,
    Optional<String> endpointUrl,
    Optional<String> rabbitmqUrl,
    Optional<String> databaseUrl,
    Trust trust,
    Path cacheDirectory,
    long cacheBytesMax,
    Duration stopGrace,
    Duration checkpointInterval,
    Duration clockOffset,
    Capabilities capabilities) {

  private static final Map<OperationType, Integer> PORTS =
      Map.of(OperationType.BACKTESTING, 5003, OperationType.TRAINING, 5004);
  private static final int PORT_OF_OTHERS = 5005;
  private static final int PORT_MAX = 65_535;
  private static final int CACHE_MEGABYTES = 2_048;
  private static final int CACHE_MEGABYTES_MAX = 1_000_000;
  private static final long BYTES_PER_MEGABYTE = 1L << 20;
  private static final Duration STOP_GRACE = Duration.ofMinutes(2);
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(30);
  private static final int CHECKPOINT_SECONDS_MAX = 3_600;
  private static final int SECONDS_MAX = 86_400;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  static WorkerConfig fromEnvironment(OperationType type, Map<String, String> environment) {
    return of(type, new Settings(environment));
  }

  /** As {@link #fromEnvironment}. */
  static WorkerConfig of(OperationType type, Settings settings) {
    requireType(type, settings);
    Optional<Integer> port = settings.number("WORKER_PORT", 1, PORT_MAX);
    return new WorkerConfig(
        type,
        apiUrl(settings),
        ApiToken.of(settings),
        workerId(settings),
        port.orElseGet(() ->
            settings.number("WORKER_PORT", PORTS.getOrDefault(type, PORT_OF_OTHERS), 1, PORT_MAX)),
        port.isPresent(),
        settings.url("WORKER_ENDPOINT_URL").map(URI::toString),
        settings.text("RABBITMQ_URL"),
        settings.text("DATABASE_URL"),
        Trust.of(settings),
        Path.of(settings.text("KTRDR_CACHE_DIR", cacheInTemp())),
        BYTES_PER_MEGABYTE
            * settings.number("KTRDR_CACHE_MAX_MB", CACHE_MEGABYTES, 1, CACHE_MEGABYTES_MAX),
        settings.seconds("KTRDR_WORKER_STOP_GRACE_SECONDS", STOP_GRACE, 0, SECONDS_MAX),
        settings.seconds(
            "KTRDR_WORKER_CHECKPOINT_SECONDS", CHECKPOINT_INTERVAL, 1, CHECKPOINT_SECONDS_MAX),
        settings.seconds("KTRDR_CLOCK_OFFSET_SECONDS", Duration.ZERO, -SECONDS_MAX, SECONDS_MAX),
        HostCapabilities.of(settings));
  }

  private static void requireType(OperationType type, Settings settings) {
    String given = settings.text("WORKER_TYPE", type.wireName());
    if (!given.equalsIgnoreCase(type.wireName())) {
      throw new IllegalArgumentException(
          "WORKER_TYPE is '%s', but this program is a worker of type %s (valid types: %s)"
              .formatted(
                  given, type.wireName(), OperationTypes.with(type.wireName()).validNames()));
    }
  }

  private static URI apiUrl(Settings settings) {
    String text = settings.required("KTRDR_API_URL");
    return settings
        .url("KTRDR_API_URL")
        .filter(url -> url.getHost() != null)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "KTRDR_API_URL is '%s', expected http://host:port with a host name of letters,"
                        .formatted(text)
                    + " digits, dots and dashes"));
  }

  private static WorkerId workerId(Settings settings) {
    String id =
        settings
            .text("WORKER_ID")
            .orElseGet(() -> {
              String host = hostName();
              settings.detected("WORKER_ID", host);
              return host;
            });
    try {
      return new WorkerId(id);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("WORKER_ID is %s".formatted(e.getMessage()), e);
    }
  }

  private static String cacheInTemp() {
    return Path.of(System.getProperty("java.io.tmpdir"), "ktrdr-cache").toString();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("this host has no name: set WORKER_ID", e);
    }
  }
}
