package io.ktrdr.api;

import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.api.operation.RetryPolicies;
import io.ktrdr.api.operation.TimeLimits;
import io.ktrdr.api.registry.HealthLimits;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.OperationTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The API's settings, from its environment.
 *
 * @param host {@code KTRDR_API_HOST}, the address to listen on; 127.0.0.1
 * @param port {@code KTRDR_API_PORT}; 8000
 * @param database {@code DATABASE_URL}, required
 * @param rabbitmqUrl {@code RABBITMQ_URL}, required
 * @param advertisedDatabaseUrl {@code KTRDR_ADVERTISED_DATABASE_URL}, what workers are told; as
 *     {@code DATABASE_URL}
 * @param advertisedRabbitmqUrl {@code KTRDR_ADVERTISED_RABBITMQ_URL}, what workers are told; as
 *     {@code RABBITMQ_URL}
 * @param dataDirectory {@code KTRDR_DATA_DIR}; data
 * @param strategiesDirectory {@code KTRDR_STRATEGIES_DIR}; strategies
 * @param modelsDirectory {@code KTRDR_MODELS_DIR}, imported at start; models
 * @param types {@code KTRDR_JOB_TYPES}, names of types of operation besides the built-in ones,
 *     separated by commas; none
 * @param retries as {@link RetryPolicies#fromEnvironment} says
 * @param limits {@code KTRDR_<TYPE>_QUEUE_TIMEOUT_SECONDS}, {@code …_RUN_…}, {@code …_PROGRESS_…}
 * @param health {@code KTRDR_WORKER_HEALTH_INTERVAL_SECONDS}, how often workers are checked, 10 s;
 *     {@code KTRDR_WORKER_REMOVAL_SECONDS}, from a worker's last sign of life to its removal, 300 s
 * @param whenNoWorkers {@code KTRDR_DISPATCH_WHEN_NO_WORKERS}, {@code queue} or {@code reject};
 *     queue
 */
record ApiConfig(
    String host,
    int port,
    DatabaseUrl database,
    String rabbitmqUrl,
    String advertisedDatabaseUrl,
    String advertisedRabbitmqUrl,
    Path dataDirectory,
    Path strategiesDirectory,
    Path modelsDirectory,
    OperationTypes types,
    RetryPolicies retries,
    TimeLimits limits,
    HealthLimits health,
    WhenNoWorkers whenNoWorkers) {

  private static final int PORT = 8000;
  private static final int HEALTH_INTERVAL_SECONDS = 10;
  private static final int HEALTH_INTERVAL_SECONDS_MAX = 3_600;
  private static final int REMOVAL_SECONDS = 300;
  private static final int REMOVAL_SECONDS_MIN = 30;
  private static final int REMOVAL_SECONDS_MAX = 604_800;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  static ApiConfig fromEnvironment(Map<String, String> environment) {
    String databaseUrl = required(environment, "DATABASE_URL");
    String rabbitmqUrl = required(environment, "RABBITMQ_URL");
    OperationTypes types = types(environment.getOrDefault("KTRDR_JOB_TYPES", ""));
    return new ApiConfig(
        environment.getOrDefault("KTRDR_API_HOST", "127.0.0.1"),
        port(environment.getOrDefault("KTRDR_API_PORT", Integer.toString(PORT))),
        DatabaseUrl.parse(databaseUrl),
        rabbitmqUrl,
        environment.getOrDefault("KTRDR_ADVERTISED_DATABASE_URL", databaseUrl),
        environment.getOrDefault("KTRDR_ADVERTISED_RABBITMQ_URL", rabbitmqUrl),
        Path.of(environment.getOrDefault("KTRDR_DATA_DIR", "data")),
        Path.of(environment.getOrDefault("KTRDR_STRATEGIES_DIR", "strategies")),
        Path.of(environment.getOrDefault("KTRDR_MODELS_DIR", "models")),
        types,
        RetryPolicies.fromEnvironment(environment, types),
        TimeLimits.fromEnvironment(environment, types),
        health(environment),
        WhenNoWorkers.parse(
            "KTRDR_DISPATCH_WHEN_NO_WORKERS",
            environment.getOrDefault("KTRDR_DISPATCH_WHEN_NO_WORKERS", "queue")));
  }

  private static HealthLimits health(Map<String, String> environment) {
    return HealthLimits.of(
        seconds(
            environment,
            "KTRDR_WORKER_HEALTH_INTERVAL_SECONDS",
            HEALTH_INTERVAL_SECONDS,
            1,
            HEALTH_INTERVAL_SECONDS_MAX),
        seconds(
            environment,
            "KTRDR_WORKER_REMOVAL_SECONDS",
            REMOVAL_SECONDS,
            REMOVAL_SECONDS_MIN,
            REMOVAL_SECONDS_MAX));
  }

  private static Duration seconds(
      Map<String, String> environment, String name, int absent, int min, int max) {
    String text = environment.getOrDefault(name, Integer.toString(absent));
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= min && value <= max) {
        return Duration.ofSeconds(value);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s is '%s', not a number".formatted(name, text), e);
    }
    throw new IllegalArgumentException(
        "%s is %s, expected %d to %d".formatted(name, text, min, max));
  }

  private static OperationTypes types(String names) {
    try {
      return OperationTypes.with(names);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("KTRDR_JOB_TYPES: " + e.getMessage(), e);
    }
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " environment variable is required");
    }
    return value;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("KTRDR_API_PORT is '%s', not a port".formatted(text), e);
    }
    throw new IllegalArgumentException("KTRDR_API_PORT is %s, not a port".formatted(text));
  }
}
