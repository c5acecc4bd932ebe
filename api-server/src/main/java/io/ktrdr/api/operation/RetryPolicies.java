package io.ktrdr.api.operation;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.settings.Settings;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** The retry policy of every type of operation; what is not given is standard. */
public record RetryPolicies(Map<OperationType, RetryPolicy> byType) {

  private static final int ATTEMPTS_MAX = 100;
  private static final int WAIT_SECONDS_MAX = 86_400;

  public RetryPolicies {
    byType = Map.copyOf(byType);
  }

  /** The same for every type. */
  public static RetryPolicies all(RetryPolicy policy) {
    Map<OperationType, RetryPolicy> all = new EnumMap<>(OperationType.class);
    for (OperationType type : OperationType.values()) {
      all.put(type, policy);
    }
    return new RetryPolicies(all);
  }

  /**
   * Reads {@code KTRDR_<TYPE>_ATTEMPTS_MAX}, {@code KTRDR_<TYPE>_RETRY_FIRST_WAIT_SECONDS} and
   * {@code KTRDR_<TYPE>_RETRY_LONGEST_WAIT_SECONDS}, where the type is {@code BACKTESTING} or
   * {@code TRAINING}.
   *
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static RetryPolicies of(Settings settings) {
    Map<OperationType, RetryPolicy> policies = new EnumMap<>(OperationType.class);
    RetryPolicy standard = RetryPolicy.STANDARD;
    for (OperationType type : OperationType.values()) {
      String prefix = "KTRDR_" + type.name();
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
