package io.ktrdr.api.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.settings.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class RetryPolicyTest {

  private static final RetryPolicy POLICY =
      new RetryPolicy(5, Duration.ofSeconds(10), Duration.ofSeconds(60));

  @Test
  void theWaitDoublesUpToItsLimitLessAFifthAtMost() {
    RandomGenerator random = new SplittableRandom(7);
    long[] full = {10_000, 20_000, 40_000, 60_000, 60_000};
    for (int spent = 1; spent <= full.length; spent++) {
      for (int i = 0; i < 100; i++) {
        assertThat(POLICY.waitAfter(spent, random).toMillis())
            .isBetween(full[spent - 1] * 8 / 10, full[spent - 1]);
      }
    }
    assertThat(POLICY.waitAfter(Integer.MAX_VALUE, random))
        .isBetween(Duration.ofSeconds(48), Duration.ofSeconds(60));
  }

  @Test
  void twoThatFailedTogetherDoNotComeBackTogether() {
    RandomGenerator random = new SplittableRandom(7);
    assertThat(POLICY.waitAfter(1, random)).isNotEqualTo(POLICY.waitAfter(1, random));
  }

  @Test
  void theEnvironmentSetsEachTypeAndWrongValuesNameTheirVariable() {
    RetryPolicies policies =
        RetryPolicies.of(
            new Settings(
                Map.of(
                    "KTRDR_TRAINING_ATTEMPTS_MAX", "7",
                    "KTRDR_TRAINING_RETRY_FIRST_WAIT_SECONDS", "600")),
            OperationTypes.BUILT_IN);
    assertThat(policies.of(OperationType.BACKTESTING)).isEqualTo(RetryPolicy.STANDARD);
    assertThat(policies.of(OperationType.TRAINING))
        .isEqualTo(new RetryPolicy(7, Duration.ofMinutes(10), Duration.ofMinutes(10)));
    assertThatThrownBy(() ->
            RetryPolicies.of(
                new Settings(Map.of("KTRDR_BACKTESTING_ATTEMPTS_MAX", "0")),
                OperationTypes.BUILT_IN))
        .hasMessageContaining("KTRDR_BACKTESTING_ATTEMPTS_MAX is 0");
  }
}
