package io.ktrdr.api;

import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.api.http.ServerCertificate;
import io.ktrdr.api.operation.RetryPolicies;
import io.ktrdr.api.operation.TimeLimits;
import io.ktrdr.api.registry.HealthLimits;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.tls.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The API's settings, from its environment.
 *
 * @param host {@code KTRDR_API_HOST}, the address to listen on; 127.0.0.1
 * @param port {@code KTRDR_API_PORT}; 8000
 * @param certificate {@code KTRDR_API_TLS_CERT_FILE} and {@code KTRDR_API_TLS_KEY_FILE}; with them
 *     it speaks https only
 * @param trust {@code KTRDR_CA_FILE}; whose certificates are believed, the broker's and the
 *     database's
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
 * @param health {@code KTRDR_WORKER_HEALTH_INTERVAL_SECONDS}, how often workers are checked, 10 s;
 *     {@code KTRDR_WORKER_REMOVAL_SECONDS}, from a worker's last sign of life to its removal, 300 s
 * @param whenNoWorkers {@code KTRDR_DISPATCH_WHEN_NO_WORKERS}, {@code queue} or {@code reject};
 *     queue
 * @param access {@code KTRDR_AUTH} and {@code KTRDR_TOKENS_FILE}: who may ask
 */
record ApiConfig(
    String host,
    int port,
    Optional<ServerCertificate> certificate,
    Trust trust,
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
    WhenNoWorkers whenNoWorkers,
    AccessSettings access) {

  private static final int PORT = 8000;
  private static final int PORT_MAX = 65_535;
  private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(10);
  private static final long HEALTH_INTERVAL_MAX = 3_600;
  private static final Duration REMOVAL = Duration.ofMinutes(5);
  private static final long REMOVAL_MIN = 30;
  private static final long REMOVAL_MAX = 604_800;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  static ApiConfig of(Settings settings) {
    String databaseUrl = settings.required("DATABASE_URL");
    String rabbitmqUrl = settings.required("RABBITMQ_URL");
    Trust trust = Trust.of(settings);
    DatabaseUrl database = DatabaseUrl.parse(databaseUrl);
    OperationTypes types = types(settings.text("KTRDR_JOB_TYPES", ""));
    String host = settings.text("KTRDR_API_HOST", "127.0.0.1");
    return new ApiConfig(
        host,
        settings.number("KTRDR_API_PORT", PORT, 1, PORT_MAX),
        certificate(settings),
        trust,
        trust.file().map(database::withRootCertificates).orElse(database),
        rabbitmqUrl,
        settings.text("KTRDR_ADVERTISED_DATABASE_URL", databaseUrl),
        settings.text("KTRDR_ADVERTISED_RABBITMQ_URL", rabbitmqUrl),
        Path.of(settings.text("KTRDR_DATA_DIR", "data")),
        Path.of(settings.text("KTRDR_STRATEGIES_DIR", "strategies")),
        Path.of(settings.text("KTRDR_MODELS_DIR", "models")),
        types,
        RetryPolicies.of(settings, types),
        TimeLimits.of(settings, types),
        HealthLimits.of(
            settings.seconds(
                "KTRDR_WORKER_HEALTH_INTERVAL_SECONDS", HEALTH_INTERVAL, 1, HEALTH_INTERVAL_MAX),
            settings.seconds("KTRDR_WORKER_REMOVAL_SECONDS", REMOVAL, REMOVAL_MIN, REMOVAL_MAX)),
        WhenNoWorkers.parse(
            "KTRDR_DISPATCH_WHEN_NO_WORKERS",
            settings.text("KTRDR_DISPATCH_WHEN_NO_WORKERS", "queue")),
        AccessSettings.of(settings, host));
  }

  private static Optional<ServerCertificate> certificate(Settings settings) {
    Optional<String> certificate = settings.text("KTRDR_API_TLS_CERT_FILE");
    Optional<String> key = settings.text("KTRDR_API_TLS_KEY_FILE");
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "KTRDR_API_TLS_CERT_FILE and KTRDR_API_TLS_KEY_FILE belong together, and only %s is set"
              .formatted(key.isPresent() ? "the latter" : "the former"));
    }
    return certificate.map(file -> ServerCertificate.read(Path.of(file), Path.of(key.get())));
  }

  private static OperationTypes types(String names) {
    try {
      return OperationTypes.with(names);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("KTRDR_JOB_TYPES: " + e.getMessage(), e);
    }
  }
}
