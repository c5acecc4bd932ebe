package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A worker's settings, from its environment.
 *
 * @param apiUrl {@code KTRDR_API_URL}, the only one that is required
 * @param workerId {@code WORKER_ID}, else the host's name
 * @param port {@code WORKER_PORT}, else 5003 for backtests and 5004 for trainings
 * @param endpointUrl {@code WORKER_ENDPOINT_URL}; empty: found by connecting towards the API
 * @param rabbitmqUrl {@code RABBITMQ_URL}; empty: the API says at registration
 * @param databaseUrl {@code DATABASE_URL}; empty: the API says at registration
 * @param cacheDirectory {@code KTRDR_CACHE_DIR}, for artifacts; else a folder in the temp directory
 * @param stopGrace {@code KTRDR_WORKER_STOP_GRACE_SECONDS}, how long a stop waits for the current
 *     operation before it is handed back; 120 s. Handing back takes up to 30 s more: a container's
 *     stop grace period must be longer than both
 * @param clockOffset {@code KTRDR_CLOCK_OFFSET_SECONDS}, a test aid: how wrong this worker's clock
 *     is. It shows in event times and the health answer, and changes nothing else; 0 s
 */
record WorkerConfig(
    OperationType type,
    URI apiUrl,
    WorkerId workerId,
    int port,
    Optional<String> endpointUrl,
    Optional<String> rabbitmqUrl,
    Optional<String> databaseUrl,
    Path cacheDirectory,
    Duration stopGrace,
    Duration clockOffset) {

  private static final int PORT_BACKTESTING = 5003;
  private static final int PORT_TRAINING = 5004;
  private static final int STOP_GRACE_SECONDS = 120;
  private static final int CLOCK_OFFSET_SECONDS_MAX = 86_400;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  static WorkerConfig fromEnvironment(OperationType type, Map<String, String> environment) {
    String apiUrl = environment.getOrDefault("KTRDR_API_URL", "");
    if (apiUrl.isBlank()) {
      throw new IllegalArgumentException("KTRDR_API_URL environment variable is required");
    }
    int defaultPort = type.equals(OperationType.BACKTESTING) ? PORT_BACKTESTING : PORT_TRAINING;
    return new WorkerConfig(
        type,
        httpUrl(apiUrl),
        new WorkerId(text(environment, "WORKER_ID").orElseGet(WorkerConfig::hostName)),
        number(environment, "WORKER_PORT", defaultPort, 1, 65_535),
        text(environment, "WORKER_ENDPOINT_URL"),
        text(environment, "RABBITMQ_URL"),
        text(environment, "DATABASE_URL"),
        text(environment, "KTRDR_CACHE_DIR")
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir"), "ktrdr-cache")),
        Duration.ofSeconds(
            number(environment, "KTRDR_WORKER_STOP_GRACE_SECONDS", STOP_GRACE_SECONDS, 0, 86_400)),
        Duration.ofSeconds(
            number(
                environment,
                "KTRDR_CLOCK_OFFSET_SECONDS",
                0,
                -CLOCK_OFFSET_SECONDS_MAX,
                CLOCK_OFFSET_SECONDS_MAX)));
  }

  private static URI httpUrl(String text) {
    URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    if (url.getHost() == null
        || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
      throw new IllegalArgumentException(
          "KTRDR_API_URL is '%s', expected http://host:port".formatted(text));
    }
    return url;
  }

  private static Optional<String> text(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  private static int number(
      Map<String, String> environment, String name, int absent, int min, int max) {
    String text = text(environment, name).orElse(Integer.toString(absent));
    try {
      int value = Integer.parseInt(text.trim());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s is '%s', not a number".formatted(name, text), e);
    }
    throw new IllegalArgumentException(
        "%s is %s, expected %d to %d".formatted(name, text, min, max));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("this host has no name: set WORKER_ID", e);
    }
  }
}
