package io.ktrdr.api;

import io.ktrdr.api.operation.RetryPolicies;
import io.ktrdr.api.operation.TimeLimits;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.settings.Settings;
import java.nio.file.Path;

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
 * @param retries as {@link RetryPolicies#of} says
 * @param limits {@code KTRDR_<TYPE>_QUEUE_TIMEOUT_SECONDS}, {@code …_RUN_…}, {@code …_PROGRESS_…}
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
    TimeLimits limits) {

  private static final int PORT = 8000;
  private static final int PORT_MAX = 65_535;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  static ApiConfig of(Settings settings) {
    String databaseUrl = settings.required("DATABASE_URL");
    String rabbitmqUrl = settings.required("RABBITMQ_URL");
    OperationTypes types = types(settings.text("KTRDR_JOB_TYPES", ""));
    return new ApiConfig(
        settings.text("KTRDR_API_HOST", "127.0.0.1"),
        settings.number("KTRDR_API_PORT", PORT, 1, PORT_MAX),
        DatabaseUrl.parse(databaseUrl),
        rabbitmqUrl,
        settings.text("KTRDR_ADVERTISED_DATABASE_URL", databaseUrl),
        settings.text("KTRDR_ADVERTISED_RABBITMQ_URL", rabbitmqUrl),
        Path.of(settings.text("KTRDR_DATA_DIR", "data")),
        Path.of(settings.text("KTRDR_STRATEGIES_DIR", "strategies")),
        Path.of(settings.text("KTRDR_MODELS_DIR", "models")),
        types,
        RetryPolicies.of(settings, types),
        TimeLimits.of(settings, types));
  }

  private static OperationTypes types(String names) {
    try {
      return OperationTypes.with(names);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("KTRDR_JOB_TYPES: " + e.getMessage(), e);
    }
  }
}
