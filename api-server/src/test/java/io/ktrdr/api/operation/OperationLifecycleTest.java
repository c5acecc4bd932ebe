package io.ktrdr.api.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.api.operation.OperationLifecycle.Standing;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every state × every event × every relation of the event's run to the one that counts. */
final class OperationLifecycleTest {

  private static final RunId CURRENT = RunId.create();
  private static final RunId OTHER = RunId.create();

  private static final List<Function<EventHeader, OperationEvent>> EVENTS =
      List.of(
          OperationEvent.Started::new,
          h -> new OperationEvent.Progressed(h, Progress.of(50, "half")),
          h -> new OperationEvent.Completed(h, Json.mapper().createObjectNode(), List.of()),
          h -> new OperationEvent.Failed(h, new Failure("X", "x", false)),
          h -> new OperationEvent.Cancelled(h, "asked", null, List.of()));

  private static final List<Boolean> EITHER = List.of(true, false);

  @Test
  void nothingLeavesATerminalState() {
    for (OperationStatus status : OperationStatus.values()) {
      for (Function<EventHeader, OperationEvent> event : EVENTS) {
        for (int attempt = 1; attempt <= 4; attempt++) {
          for (RunId run : List.of(CURRENT, OTHER)) {
            for (boolean takenAway : List.of(true, false)) {
              Verdict verdict =
                  judge(new Standing(status, 2, CURRENT, 5), event, attempt, run, 6, takenAway);
              if (status.isTerminal()) {
                assertThat(verdict).isInstanceOf(Verdict.Discard.class);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void theCurrentRunMovesTheOperation() {
    Standing running = new Standing(OperationStatus.RUNNING, 2, CURRENT, 5);
    List<OperationStatus> next =
        List.of(
            OperationStatus.RUNNING,
            OperationStatus.RUNNING,
            OperationStatus.COMPLETED,
            OperationStatus.FAILED,
            OperationStatus.CANCELLED);
    for (int e = 0; e < EVENTS.size(); e++) {
      assertThat(judge(running, EVENTS.get(e), 2, CURRENT, 6, false))
          .isEqualTo(new Verdict.Apply(next.get(e), false));
    }
  }

  @Test
  void anEventSeenBeforeIsADuplicateInEveryState() {
    for (OperationStatus status : OperationStatus.values()) {
      for (Function<EventHeader, OperationEvent> event : EVENTS) {
        for (long seq : new long[] {1, 5}) {
          assertThat(judge(new Standing(status, 2, CURRENT, 5), event, 2, CURRENT, seq, false))
              .isInstanceOf(Verdict.Duplicate.class);
        }
      }
    }
  }

  @Test
  void anEarlierOrForeignRunChangesNothing() {
    Standing running = new Standing(OperationStatus.RUNNING, 2, CURRENT, 5);
    for (Function<EventHeader, OperationEvent> event : EVENTS) {
      assertThat(judge(running, event, 1, OTHER, 99, false)).isInstanceOf(Verdict.Discard.class);
      assertThat(judge(running, event, 2, OTHER, 99, false)).isInstanceOf(Verdict.Discard.class);
    }
  }

  @Test
  void aRunThatWasTakenAwayChangesNothingEvenIfItsAttemptIsTheHighestKnown() {
    Standing pending = new Standing(OperationStatus.PENDING, 0, null, 0);
    Standing running = new Standing(OperationStatus.RUNNING, 1, CURRENT, 1);
    for (Function<EventHeader, OperationEvent> event : EVENTS) {
      assertThat(judge(pending, event, 1, CURRENT, 1, true)).isInstanceOf(Verdict.Discard.class);
      assertThat(judge(running, event, 1, CURRENT, 2, true)).isInstanceOf(Verdict.Discard.class);
    }
  }

  @Test
  void aLaterAttemptTakesOverWhateverItsFirstEventToArriveIs() {
    for (Standing standing :
        List.of(
            new Standing(OperationStatus.PENDING, 0, null, 0),
            new Standing(OperationStatus.PENDING, 1, null, 0),
            new Standing(OperationStatus.RUNNING, 1, CURRENT, 5))) {
      for (Function<EventHeader, OperationEvent> event : EVENTS) {
        assertThat(judge(standing, event, 2, OTHER, 1, false))
            .isInstanceOfSatisfying(
                Verdict.Apply.class, apply -> assertThat(apply.newRun()).isTrue());
      }
    }
  }

  @Test
  void aTransientFailureIsTriedAgainWhileAttemptsAreLeftAndNobodyCancels() {
    Standing running = new Standing(OperationStatus.RUNNING, 2, CURRENT, 5);
    Standing cancelling = new Standing(OperationStatus.CANCELLING, 2, CURRENT, 5);
    assertThat(heard(running, OperationLifecycleTest::transientFailure, true))
        .isEqualTo(to(OperationStatus.PENDING));
    assertThat(heard(running, OperationLifecycleTest::transientFailure, false))
        .isEqualTo(to(OperationStatus.FAILED));
    for (boolean attemptLeft : EITHER) {
      assertThat(heard(cancelling, OperationLifecycleTest::transientFailure, attemptLeft))
          .isEqualTo(to(OperationStatus.CANCELLED));
    }
  }

  @Test
  void cancellingLastsUntilItsRunHasEnded() {
    Standing cancelling = new Standing(OperationStatus.CANCELLING, 2, CURRENT, 5);
    List<OperationStatus> next =
        List.of(
            OperationStatus.CANCELLING,
            OperationStatus.CANCELLING,
            OperationStatus.COMPLETED,
            OperationStatus.FAILED,
            OperationStatus.CANCELLED);
    for (int e = 0; e < EVENTS.size(); e++) {
      assertThat(heard(cancelling, EVENTS.get(e), true)).isEqualTo(to(next.get(e)));
    }
  }

  @Test
  void aCancelIsAppliedOnceAndNeverToAnEndedOperation() {
    for (boolean runUnsettled : EITHER) {
      Trigger asked = new Trigger.CancelAsked(runUnsettled);
      Verdict wanted = to(runUnsettled ? OperationStatus.CANCELLING : OperationStatus.CANCELLED);
      assertThat(ask(OperationStatus.PENDING, asked)).isEqualTo(wanted);
      assertThat(ask(OperationStatus.RUNNING, asked)).isEqualTo(wanted);
      assertThat(ask(OperationStatus.CANCELLING, asked)).isEqualTo(new Verdict.Duplicate());
      assertDiscardedByEnded(asked);
    }
  }

  @Test
  void onlyFailedAndCancelledOperationsAreTriedAgainByHand() {
    for (OperationStatus status : OperationStatus.values()) {
      Verdict verdict = ask(status, new Trigger.RetryAsked());
      switch (status) {
        case FAILED, CANCELLED -> assertThat(verdict).isEqualTo(to(OperationStatus.PENDING));
        case PENDING, RUNNING, CANCELLING, COMPLETED ->
            assertThat(verdict).isInstanceOf(Verdict.Discard.class);
      }
    }
  }

  @Test
  void aRunThatIsGoneMeansAnotherAttemptOrTheEnd() {
    for (OperationStatus status : List.of(OperationStatus.PENDING, OperationStatus.RUNNING)) {
      assertThat(ask(status, new Trigger.RunGone(true))).isEqualTo(to(OperationStatus.PENDING));
      assertThat(ask(status, new Trigger.RunGone(false))).isEqualTo(to(OperationStatus.FAILED));
    }
    for (boolean attemptLeft : EITHER) {
      assertThat(ask(OperationStatus.CANCELLING, new Trigger.RunGone(attemptLeft)))
          .isEqualTo(to(OperationStatus.CANCELLED));
      assertDiscardedByEnded(new Trigger.RunGone(attemptLeft));
    }
  }

  @Test
  void theQueueTimeoutEndsOnlyWhatNoWorkerHas() {
    for (OperationStatus status : OperationStatus.values()) {
      assertThat(ask(status, new Trigger.QueueTimedOut(true))).isInstanceOf(Verdict.Discard.class);
      Verdict verdict = ask(status, new Trigger.QueueTimedOut(false));
      if (status == OperationStatus.PENDING) {
        assertThat(verdict).isEqualTo(to(OperationStatus.FAILED));
      } else {
        assertThat(verdict).isInstanceOf(Verdict.Discard.class);
      }
    }
  }

  private static OperationEvent transientFailure(EventHeader header) {
    return new OperationEvent.Failed(header, new Failure("X", "x", true));
  }

  private static void assertDiscardedByEnded(Trigger trigger) {
    for (OperationStatus status : OperationStatus.values()) {
      if (status.isTerminal()) {
        assertThat(ask(status, trigger))
            .isInstanceOfSatisfying(
                Verdict.Discard.class,
                discard -> assertThat(discard.reason()).contains(status.wireName()));
      }
    }
  }

  private static Verdict ask(OperationStatus status, Trigger trigger) {
    return OperationLifecycle.judge(new Standing(status, 2, CURRENT, 5), trigger);
  }

  private static Verdict to(OperationStatus next) {
    return new Verdict.Apply(next, false);
  }

  private static Verdict heard(
      Standing standing, Function<EventHeader, OperationEvent> event, boolean attemptLeft) {
    return judge(standing, event, 2, CURRENT, 6, false, attemptLeft);
  }

  private static Verdict judge(
      Standing standing,
      Function<EventHeader, OperationEvent> event,
      int attempt,
      @Nullable RunId run,
      long seq,
      boolean takenAway) {
    return judge(standing, event, attempt, run, seq, takenAway, true);
  }

  private static Verdict judge(
      Standing standing,
      Function<EventHeader, OperationEvent> event,
      int attempt,
      @Nullable RunId run,
      long seq,
      boolean takenAway,
      boolean attemptLeft) {
    EventHeader header =
        new EventHeader(
            UUID.randomUUID(),
            OperationId.parse("op_backtest_20251110_103000_abc123"),
            OperationType.BACKTESTING,
            attempt,
            run == null ? OTHER : run,
            seq,
            new WorkerId("w"),
            Instant.EPOCH);
    return OperationLifecycle.judge(
        standing, new Trigger.Heard(event.apply(header), takenAway, attemptLeft));
  }
}
