package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.worker.runtime.RunEvents.Due;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RunEventsTest {

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
  private final LongAdder overtaken = new LongAdder();
  private final RunEvents events =
      new RunEvents(
          run,
          OperationType.BACKTESTING,
          new WorkerId("w1"),
          InstantSource.fixed(Instant.EPOCH),
          overtaken);

  @Test
  void beginningComesFirstThenTheNewestProgressThenTheEnd() {
    events.report(Progress.of(10, "a"));
    OperationEvent started = send(events.due(1), 1, 2);
    assertThat(started).isInstanceOf(OperationEvent.Started.class);
    events.report(Progress.of(20, "b"));
    OperationEvent progress = send(events.due(2), 2, 100);
    assertThat(progress)
        .isInstanceOfSatisfying(
            OperationEvent.Progressed.class,
            progressed -> assertThat(progressed.progress().percentage()).isEqualTo(20));
    events.report(Progress.of(30, "c"));
    assertThat(events.due(99)).isNull();
    OperationEvent end = events.end(OperationEvent.Started::new);
    assertThat(events.due(1_000)).isNull();
    assertThat(started.header().seq()).isEqualTo(1);
    assertThat(progress.header().seq()).isEqualTo(2);
    assertThat(end.header().seq()).isEqualTo(3);
  }

  @Test
  void endOfARunWhoseBeginningWasNeverSentIsNumberedAfterIt() {
    assertThat(events.end(OperationEvent.Started::new).header().seq()).isEqualTo(2);
  }

  @Test
  void beginningThatWasNotConfirmedIsSentAgainUnderTheSameId() {
    Due first = events.due(1);
    assertThat(first).isNotNull();
    if (first != null) {
      events.sent(first, false, 500);
      assertThat(events.due(499)).isNull();
      assertThat(events.due(500)).isEqualTo(first);
    }
  }

  @Test
  void onlyProgressThatDiffersIsProgress() {
    events.report(Progress.of(10, "a"));
    long once = run.progressNanos();
    events.report(Progress.of(10, "a"));
    assertThat(run.progressNanos()).isEqualTo(once).isNotZero();
    events.report(Progress.of(10, "b"));
    assertThat(run.progressNanos()).isGreaterThan(once);
  }

  @Test
  void progressThatNewerCameBeforeIsCounted() {
    send(events.due(1), 1, 2);
    events.report(Progress.of(10, "a"));
    send(events.due(2), 2, 3);
    events.report(Progress.of(20, "b"));
    assertThat(overtaken.sum()).isZero();
    events.report(Progress.of(30, "c"));
    assertThat(overtaken.sum()).isOne();
  }

  private OperationEvent send(@Nullable Due due, long now, long next) {
    assertThat(due).as("due at %d", now).isNotNull();
    if (due == null) {
      throw new AssertionError();
    }
    events.sent(due, true, next);
    return due.event();
  }
}
