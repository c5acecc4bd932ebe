package io.ktrdr.api.operation;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The retry policy of every type of operation; what is not given is standard. */
public record RetryPolicies(Map<OperationType, RetryPolicy> byType) {

  private static final int ATTEMPTS_MAX = 100;
  private static final int WAIT_SECONDS_MAX = 86_400;

  public RetryPolicies {
    byType = Map.copyOf(byType);
  }

  /** The same for every built-in type. */
  public static RetryPolicies all(RetryPolicy policy) {
    return new RetryPolicies(
        OperationType.BUILT_IN.stream().collect(Collectors.toMap(type -> type, _ -> policy)));
  }

  /**
   * Reads {@code KTRDR_<TYPE>_ATTEMPTS_MAX}, {@code KTRDR_<TYPE>_RETRY_FIRST_WAIT_SECONDS} and
   * {@code KTRDR_<TYPE>_RETRY_LONGEST_WAIT_SECONDS}, where the type is {@code BACKTESTING}, {@code
   * TRAINING} or the name of another in upper case.
   *
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static RetryPolicies of(Settings settings, OperationTypes types) {
    Map<OperationType, RetryPolicy> policies = new HashMap<>();
    RetryPolicy standard = RetryPolicy.STANDARD;
    for (OperationType type : types.all()) {
      String prefix = "KTRDR_" + type.settingName();
      Duration first =
          settings.seconds(
              prefix + "_RETRY_FIRST_WAIT_SECONDS", standard.firstWait(), 0, WAIT_SECONDS_MAX);
      Duration longest =
          settings.seconds(
              prefix + "_RETRY_LONGEST_WAIT_SECONDS", standard.longestWait(), 0, WAIT_SECONDS_MAX);
      policies.put(
          type,
          new RetryPolicy(
              settings.number(prefix + "_ATTEMPTS_MAX", standard.attemptsMax(), 1, ATTEMPTS_MAX),
              first,
              longest.compareTo(first) < 0 ? first : longest));
    }
    return new RetryPolicies(policies);
  }

  public RetryPolicy of(OperationType type) {
    return byType.getOrDefault(type, RetryPolicy.STANDARD);
  }
}
