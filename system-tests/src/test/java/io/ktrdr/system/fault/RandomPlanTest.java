package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.system.fault.RandomPlan.Break;
import io.ktrdr.system.fault.RandomPlan.Kind;
import io.ktrdr.system.fault.RandomPlan.Submission;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.Test;

/** A seed is a plan. */
final class RandomPlanTest {

  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  @Test
  void sameSeedIsTheSamePlanAndAnotherIsAnother() {
    RandomPlan plan = RandomPlan.of(7, TEN_MINUTES, 200);
    assertThat(RandomPlan.of(7, TEN_MINUTES, 200)).isEqualTo(plan);
    assertThat(RandomPlan.of(8, TEN_MINUTES, 200)).isNotEqualTo(plan);
  }

  @Test
  void everyKindOfFaultAndOperationComesUpInOrderAndInTime() {
    RandomPlan plan = RandomPlan.of(1, TEN_MINUTES, 200);
    assertThat(plan.operations())
        .hasSize(200)
        .isSortedAccordingTo(Comparator.comparing(Submission::at));
    assertThat(plan.faults()).isSortedAccordingTo(Comparator.comparing(Break::at));
    assertThat(plan.faults()).allMatch(fault -> fault.at().compareTo(TEN_MINUTES) < 0);
    assertThat(plan.faults().stream().map(Break::kind)).containsAll(Arrays.asList(Kind.values()));
    assertThat(plan.operations().stream().map(Submission::script).distinct().count())
        .isGreaterThanOrEqualTo(5);
  }
}
