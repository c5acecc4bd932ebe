package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RunWatchTest {

  private final List<RunControl> hardStopped = new ArrayList<>();
  private final RunWatch watch = new RunWatch(() -> null, hardStopped::add);

  @AfterEach
  void forgetInterrupt() {
    boolean _ = Thread.interrupted();
  }

  @Test
  void runIsStoppedWhenItsTimeIsUpAndNotBefore() {
    RunControl run = run(Optional.of(Duration.ofSeconds(60)), Optional.empty());
    watch.check(run, after(Duration.ofMillis(59_999)));
    assertThat(run.stopped()).isNull();
    watch.check(run, after(Duration.ofSeconds(60)));
    assertThat(run.stopped()).extracting(Stop::reason).isEqualTo(StopReason.RUN_TIMEOUT);
    assertThatThrownBy(run::throwIfStopped)
        .isInstanceOf(RunStoppedException.class)
        .hasMessage("the run took longer than its limit of 60 s");
  }

  @Test
  void progressBuysTime() {
    RunControl run = run(Optional.empty(), Optional.of(Duration.ofSeconds(10)));
    run.progressed(after(Duration.ofSeconds(9)));
    watch.check(run, after(Duration.ofSeconds(18)));
    assertThat(run.stopped()).isNull();
    watch.check(run, after(Duration.ofSeconds(19)));
    assertThat(run.stopped()).extracting(Stop::reason).isEqualTo(StopReason.NO_PROGRESS);
  }

  @Test
  void runWithoutLimitsRunsForEver() {
    RunControl run = run(Optional.empty(), Optional.empty());
    watch.check(run, after(Duration.ofDays(365)));
    assertThat(run.stopped()).isNull();
  }

  @Test
  void handlerIsAskedThenInterruptedAgainAndAgainThenEndedWithItsProcess() {
    RunControl run = run(Optional.empty(), Optional.empty());
    run.stop(StopReason.CANCELLED, "cancelled");
    watch.check(run, sinceStop(run, Duration.ofMillis(900)));
    assertThat(Thread.interrupted()).isFalse();
    watch.check(run, sinceStop(run, Duration.ofSeconds(1)));
    assertThat(Thread.interrupted()).isTrue();
    watch.check(run, sinceStop(run, Duration.ofMillis(1_200)));
    assertThat(Thread.interrupted()).isFalse();
    watch.check(run, sinceStop(run, Duration.ofSeconds(2)));
    assertThat(Thread.interrupted()).isTrue();
    watch.check(run, sinceStop(run, Duration.ofMillis(29_999)));
    assertThat(hardStopped).isEmpty();
    watch.check(run, sinceStop(run, RunWatch.HARD_STOP_AFTER));
    assertThat(hardStopped).containsExactly(run);
  }

  @Test
  void interruptMeantForTheHandlerReachesNothingElse() {
    RunControl run = run(Optional.empty(), Optional.empty());
    run.stop(StopReason.CANCELLED, "cancelled");
    run.interrupt();
    run.interruptible(false);
    assertThat(Thread.interrupted()).isFalse();
    run.interrupt();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void workerThatStopsIsNotEndedByItsOwnWatch() {
    RunControl run = run(Optional.empty(), Optional.empty());
    run.stop(StopReason.WORKER_STOPPING, "stopping");
    watch.check(run, sinceStop(run, Duration.ofHours(1)));
    assertThat(hardStopped).isEmpty();
  }

  @Test
  void runThatIsOverIsNotStoppedAndEndsOnce() {
    RunControl run = run(Optional.of(Duration.ofSeconds(1)), Optional.empty());
    assertThat(run.conclude()).isTrue();
    assertThat(run.conclude()).isFalse();
    run.stop(StopReason.FENCED, "taken away");
    watch.check(run, after(Duration.ofHours(1)));
    assertThat(run.stopped()).isNull();
    assertThat(hardStopped).isEmpty();
  }

  private static RunControl run(Optional<Duration> time, Optional<Duration> progress) {
    return new RunControl(
        new Claim.Claimed(
            OperationId.create(OperationType.BACKTESTING, Instant.EPOCH),
            RunId.create(),
            1,
            Operations.spec(),
            new Claim.Limits(time, progress)),
        Thread.currentThread(),
        () -> {},
        0);
  }

  private static long after(Duration time) {
    return time.toNanos();
  }

  private static long sinceStop(RunControl run, Duration time) {
    Stop stop = run.stopped();
    assertThat(stop).isNotNull();
    return stop == null ? 0 : stop.atNanos() + time.toNanos();
  }
}
