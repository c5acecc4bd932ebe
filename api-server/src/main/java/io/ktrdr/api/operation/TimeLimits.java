package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.operation.Operation.Timeouts;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long operations of every type may wait, run, and show no progress, unless their request says
 * otherwise.
 */
public record TimeLimits(Map<OperationType, Timeouts> byType) {

  /** Longest that may be asked for. */
  static final Duration QUEUE_MAX = Duration.ofDays(30);

  static final Duration RUN_MAX = Duration.ofDays(7);
  static final Duration PROGRESS_MAX = Duration.ofDays(1);

  private static final String FIELD = "timeouts";
  private static final String QUEUE = "queue_seconds";
  private static final String RUN = "run_seconds";
  private static final String PROGRESS = "progress_seconds";

  public TimeLimits {
    byType = Map.copyOf(byType);
  }

  /** What holds where nothing is configured. */
  public static TimeLimits standard() {
    return of(new Settings(Map.of()), OperationTypes.BUILT_IN);
  }

  /**
   * Reads {@code KTRDR_<TYPE>_QUEUE_TIMEOUT_SECONDS}, {@code …_RUN_TIMEOUT_SECONDS} and {@code
   * …_PROGRESS_TIMEOUT_SECONDS}, where the type is {@code BACKTESTING}, {@code TRAINING} or the
   * name of another in upper case; 0 is no limit.
   *
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static TimeLimits of(Settings settings, OperationTypes types) {
    Map<OperationType, Timeouts> limits = new HashMap<>();
    for (OperationType type : types.all()) {
      String prefix = "KTRDR_" + type.settingName();
      limits.put(
          type,
          new Timeouts(
              configured(settings, prefix + "_QUEUE_TIMEOUT_SECONDS", queue(), QUEUE_MAX),
              configured(settings, prefix + "_RUN_TIMEOUT_SECONDS", run(type), RUN_MAX),
              configured(
                  settings, prefix + "_PROGRESS_TIMEOUT_SECONDS", progress(), PROGRESS_MAX)));
    }
    return new TimeLimits(limits);
  }

  private static Duration queue() {
    return Duration.ofDays(7);
  }

  private static Duration run(OperationType type) {
    return type.equals(OperationType.BACKTESTING) ? Duration.ofHours(6) : Duration.ofHours(24);
  }

  private static Duration progress() {
    return Duration.ofMinutes(30);
  }

  private static @Nullable Integer configured(
      Settings settings, String name, Duration absent, Duration max) {
    int seconds = Math.toIntExact(settings.seconds(name, absent, 0, max.toSeconds()).toSeconds());
    return seconds == 0 ? null : seconds;
  }

  /** The limits of a type, with what the request's {@code timeouts} says instead. */
  Timeouts read(RequestBody body, OperationType type) {
    Timeouts standard = byType.getOrDefault(type, new Timeouts(null, null, null));
    Optional<RequestBody> asked = body.object(FIELD, Set.of(QUEUE, RUN, PROGRESS));
    if (asked.isEmpty()) {
      return standard;
    }
    return new Timeouts(
        asked(asked.get(), QUEUE, standard.queueSeconds(), QUEUE_MAX),
        asked(asked.get(), RUN, standard.runSeconds(), RUN_MAX),
        asked(asked.get(), PROGRESS, standard.progressSeconds(), PROGRESS_MAX));
  }

  private static @Nullable Integer asked(
      RequestBody timeouts, String field, @Nullable Integer absent, Duration max) {
    Optional<Long> seconds = timeouts.wholeNumber(field);
    if (seconds.isEmpty()) {
      return absent;
    }
    if (seconds.get() < 1 || seconds.get() > max.toSeconds()) {
      timeouts.error(
          field,
          "PARAM_RANGE",
          "is %d, expected 1 to %d".formatted(seconds.get(), max.toSeconds()));
      return absent;
    }
    return seconds.get().intValue();
  }
}
