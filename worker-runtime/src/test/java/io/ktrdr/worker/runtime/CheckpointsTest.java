package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class CheckpointsTest {

  private final RunControl run =
      new RunControl(
          new Claim.Claimed(
              OperationId.create(OperationType.BACKTESTING, Instant.EPOCH),
              RunId.create(),
              1,
              Operations.spec(),
              new Claim.Limits(Optional.empty(), Optional.empty())),
          Thread.currentThread(),
          () -> {},
          0);
  private final List<Integer> kept = new ArrayList<>();
  private final Checkpoints checkpoints =
      new Checkpoints(run, Duration.ofSeconds(30), bytes -> kept.add(Byte.toUnsignedInt(bytes[0])));

  @Test
  void oneIsTakenEveryHalfMinuteHoweverOftenItIsOffered() {
    for (int second = 1; second <= 95; second++) {
      checkpoints.offer(state(second), seconds(second));
    }
    assertThat(kept).containsExactly(30, 60, 90);
  }

  @Test
  void oneIsTakenWhenTheRunMustStopAndNoMore() {
    checkpoints.offer(state(1), seconds(1));
    run.stop(StopReason.WORKER_STOPPING, "stopping");
    checkpoints.offer(state(2), seconds(2));
    checkpoints.offer(state(3), seconds(3));
    assertThat(kept).containsExactly(2);
  }

  @Test
  void noneIsTakenOfARunThatWasTakenAway() {
    run.stop(StopReason.FENCED, "taken away");
    checkpoints.offer(state(1), seconds(100));
    assertThat(kept).isEmpty();
  }

  @Test
  void sameStateIsKeptOnce() {
    checkpoints.offer(state(7), seconds(30));
    checkpoints.offer(state(7), seconds(60));
    assertThat(kept).containsExactly(7);
  }

  @Test
  void nothingThatGoesWrongFailsTheRun() {
    checkpoints.offer(() -> new byte[RunContext.CHECKPOINT_BYTES_MAX + 1], seconds(30));
    checkpoints.offer(
        () -> {
          throw new IllegalStateException("a handler's defect");
        },
        seconds(60));
    assertThat(kept).isEmpty();
    checkpoints.offer(state(90), seconds(90));
    assertThat(kept).containsExactly(90);

    Checkpoints full =
        new Checkpoints(
            run,
            Duration.ofSeconds(30),
            _ -> {
              throw new IOException("disk full");
            });
    full.offer(state(30), seconds(30));
    assertThat(Thread.interrupted()).isFalse();
  }

  private static Supplier<byte[]> state(int second) {
    return () -> new byte[] {(byte) second};
  }

  private static long seconds(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
