package io.ktrdr.protocol.settings;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.protocol.OperationType;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of every setting of the system. In one place, because processes share environment files:
 * what the API reads is nothing unknown to a worker. {@code docs/configuration.md} explains each.
 */
public final class SettingNames {

  /** What the API reads. {@code <TYPE>} stands for an operation type in capitals. */
  public static final Set<String> API =
      Set.of(
          "DATABASE_URL",
          "KTRDR_<TYPE>_ATTEMPTS_MAX",
          "KTRDR_<TYPE>_PROGRESS_TIMEOUT_SECONDS",
          "KTRDR_<TYPE>_QUEUE_TIMEOUT_SECONDS",
          "KTRDR_<TYPE>_RETRY_FIRST_WAIT_SECONDS",
          "KTRDR_<TYPE>_RETRY_LONGEST_WAIT_SECONDS",
          "KTRDR_<TYPE>_RUN_TIMEOUT_SECONDS",
          "KTRDR_ADVERTISED_DATABASE_URL",
          "KTRDR_ADVERTISED_RABBITMQ_URL",
          "KTRDR_API_HOST",
          "KTRDR_API_PORT",
          "KTRDR_API_TLS_CERT_FILE",
          "KTRDR_API_TLS_KEY_FILE",
          "KTRDR_AUTH",
          "KTRDR_CA_FILE",
          "KTRDR_DATA_DIR",
          "KTRDR_DISPATCH_WHEN_NO_WORKERS",
          "KTRDR_JOB_TYPES",
          "KTRDR_MODELS_DIR",
          "KTRDR_OTEL",
          "KTRDR_RATE_LIMIT_BAD_TOKENS_PER_MINUTE",
          "KTRDR_RATE_LIMIT_CHANGES_PER_SECOND",
          "KTRDR_STRATEGIES_DIR",
          "KTRDR_TOKENS_FILE",
          "KTRDR_WORKER_HEALTH_INTERVAL_SECONDS",
          "KTRDR_WORKER_REMOVAL_SECONDS",
          "LOG_FORMAT",
          "LOG_LEVEL",
          "RABBITMQ_URL");

  /** What a worker reads. */
  public static final Set<String> WORKER =
      Set.of(
          "DATABASE_URL",
          "KTRDR_API_TOKEN",
          "KTRDR_API_URL",
          "KTRDR_CA_FILE",
          "KTRDR_CACHE_DIR",
          "KTRDR_CACHE_MAX_MB",
          "KTRDR_CLOCK_OFFSET_SECONDS",
          "KTRDR_OTEL",
          "KTRDR_WORKER_CHECKPOINT_SECONDS",
          "KTRDR_WORKER_STOP_GRACE_SECONDS",
          "LOG_FORMAT",
          "LOG_LEVEL",
          "RABBITMQ_URL",
          "WORKER_CORES",
          "WORKER_ENDPOINT_URL",
          "WORKER_GPU",
          "WORKER_GPU_COUNT",
          "WORKER_GPU_MEMORY_GB",
          "WORKER_GPU_TYPE",
          "WORKER_ID",
          "WORKER_MEMORY_GB",
          "WORKER_PORT",
          "WORKER_TYPE");

  /** What job types, the client and {@code ./ktrdr} read by themselves. */
  public static final Set<String> OTHERS =
      Set.of(
          "KTRDR_API_TOKEN",
          "KTRDR_API_URL",
          "KTRDR_BACKTEST_BAR_DELAY_MS",
          "KTRDR_RABBITMQ_MANAGEMENT_URL");

  /** Whose value nobody should see; each may also come from the file {@code <NAME>_FILE} names. */
  public static final Set<String> SECRETS =
      Set.of(
          "DATABASE_URL",
          "KTRDR_ADVERTISED_DATABASE_URL",
          "KTRDR_ADVERTISED_RABBITMQ_URL",
          "KTRDR_API_TOKEN",
          "RABBITMQ_URL");

  /** Types of operations that are not built in, separated by commas. */
  private static final String JOB_TYPES = "KTRDR_JOB_TYPES";

  private static final Pattern TYPE = Pattern.compile("<TYPE>");
  private static final List<String> PREFIXES = List.of("WORKER_", "KTRDR_");

  private SettingNames() {}

  /** All names of the catalogue, families as {@code KTRDR_<TYPE>_…}. */
  public static Set<String> all() {
    Set<String> all = new TreeSet<>(API);
    all.addAll(WORKER);
    all.addAll(OTHERS);
    return all;
  }

  /** The longer name that is accepted, too: {@code KTRDR_WORKER_ID} for {@code WORKER_ID}. */
  static Optional<String> aliasOf(String name) {
    return name.startsWith("WORKER_") ? Optional.of("KTRDR_" + name) : Optional.empty();
  }

  static Optional<String> fileVariantOf(String name) {
    return SECRETS.contains(name) ? Optional.of(name + "_FILE") : Optional.empty();
  }

  /** Whether a setting of this name is in the catalogue, by itself or as one of a family. */
  static boolean contains(String name) {
    return all().stream()
        .anyMatch(known -> Pattern.matches(known.replace("<TYPE>", "[A-Z][A-Z0-9_]*"), name));
  }

  /** One sentence for every variable that looks like a setting and is none. */
  static List<String> unknown(Map<String, String> environment) {
    Set<String> valid = valid(environment);
    return environment.keySet().stream()
        .filter(name -> PREFIXES.stream().anyMatch(name::startsWith))
        .filter(name -> !valid.contains(name))
        .sorted()
        .map(name -> "unknown variable " + name + suggestion(name, valid))
        .toList();
  }

  private static String suggestion(String name, Collection<String> valid) {
    List<String> nearest = NearestNames.of(name, valid);
    return nearest.isEmpty() ? "" : ", did you mean %s?".formatted(nearest.getFirst());
  }

  private static Set<String> valid(Map<String, String> environment) {
    Set<String> valid = new TreeSet<>();
    for (String name : all()) {
      if (TYPE.matcher(name).find()) {
        types(environment).forEach(type -> valid.add(name.replace("<TYPE>", type)));
      } else {
        valid.add(name);
        aliasOf(name).ifPresent(valid::add);
        fileVariantOf(name).ifPresent(valid::add);
      }
    }
    return valid;
  }

  private static Stream<String> types(Map<String, String> environment) {
    return Stream.concat(
        OperationType.BUILT_IN.stream().map(OperationType::settingName),
        Arrays.stream(environment.getOrDefault(JOB_TYPES, "").split(",", -1))
            .map(name -> name.trim().toUpperCase(Locale.ROOT)));
  }
}
