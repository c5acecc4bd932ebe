package io.ktrdr.api.operation;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
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
  public static RetryPolicies fromEnvironment(
      Map<String, String> environment, OperationTypes types) {
    Map<OperationType, RetryPolicy> policies = new HashMap<>();
    RetryPolicy standard = RetryPolicy.STANDARD;
    for (OperationType type : types.all()) {
      String prefix = "KTRDR_" + type.settingName();
      Duration first =
          seconds(environment, prefix + "_RETRY_FIRST_WAIT_SECONDS", standard.firstWait());
      Duration longest =
          seconds(environment, prefix + "_RETRY_LONGEST_WAIT_SECONDS", standard.longestWait());
      policies.put(
          type,
          new RetryPolicy(
              number(
                  environment, prefix + "_ATTEMPTS_MAX", standard.attemptsMax(), 1, ATTEMPTS_MAX),
              first,
              longest.compareTo(first) < 0 ? first : longest));
    }
    return new RetryPolicies(policies);
  }

  private static Duration seconds(Map<String, String> environment, String name, Duration absent) {
    return Duration.ofSeconds(
        number(environment, name, (int) absent.toSeconds(), 0, WAIT_SECONDS_MAX));
  }

  private static int number(
      Map<String, String> environment, String name, int absent, int min, int max) {
    String text = environment.getOrDefault(name, "");
    if (text.isBlank()) {
      return absent;
    }
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

  public RetryPolicy of(OperationType type) {
    return byType.getOrDefault(type, RetryPolicy.STANDARD);
  }
}
