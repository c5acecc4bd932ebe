package io.ktrdr.api.operation;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import org.jspecify.annotations.Nullable;

/**
 * The rules of an operation's life, as a pure function: where it stands × what happens → verdict.
 * The diagram in {@code docs/lifecycle.md} is drawn from it.
 */
public final class OperationLifecycle {

  private OperationLifecycle() {}

  /**
   * Where an operation stands.
   *
   * @param attempt of the run whose events count; 0 before the first
   * @param run whose events count; null before the first and between attempts
   * @param runSeq number of the last event applied from that run
   */
  public record Standing(OperationStatus status, int attempt, @Nullable RunId run, long runSeq) {}

  /** What happens to an operation. */
  public sealed interface Trigger {

    /**
     * A run says something.
     *
     * @param runTakenAway true when the claim table says this event's run was ended by somebody
     *     else: lost or handed back
     * @param attemptLeft true when there may be another run after this one
     */
    record Heard(OperationEvent event, boolean runTakenAway, boolean attemptLeft)
        implements Trigger {}

    /**
     * Somebody wants it ended.
     *
     * @param runUnsettled true while a run is open, or has ended without being heard of
     */
    record CancelAsked(boolean runUnsettled) implements Trigger {}

    /** Somebody wants another attempt. */
    record RetryAsked() implements Trigger {}

    /**
     * Its run was lost or handed back.
     *
     * @param attemptLeft true when there may be another run
     */
    record RunGone(boolean attemptLeft) implements Trigger {}

    /**
     * It has waited for a worker for too long.
     *
     * @param runUnsettled as for {@link CancelAsked}
     */
    record QueueTimedOut(boolean runUnsettled) implements Trigger {}
  }

  /** What comes of it. */
  public sealed interface Verdict {

    /**
     * Applied: the operation is now in this state.
     *
     * @param newRun true for the first event that is heard of a run, which is from now on the one
     *     that counts
     */
    record Apply(OperationStatus next, boolean newRun) implements Verdict {}

    /** Has happened before, or its successor overtook it. */
    record Duplicate() implements Verdict {}

    /** Late, foreign or not possible: changes nothing. */
    record Discard(String reason) implements Verdict {}
  }

  public static Verdict judge(Standing now, Trigger trigger) {
    return switch (trigger) {
      case Trigger.Heard heard -> heard(now, heard);
      case Trigger.CancelAsked(boolean runUnsettled) -> cancel(now.status(), runUnsettled);
      case Trigger.RetryAsked() -> retry(now.status());
      case Trigger.RunGone(boolean attemptLeft) -> runGone(now.status(), attemptLeft);
      case Trigger.QueueTimedOut(boolean runUnsettled) ->
          now.status() == OperationStatus.PENDING && !runUnsettled
              ? new Verdict.Apply(OperationStatus.FAILED, false)
              : discard(now.status());
    };
  }

  private static Verdict heard(Standing now, Trigger.Heard heard) {
    EventHeader header = heard.event().header();
    boolean sameRun = header.runId().equals(now.run());
    if (sameRun && header.seq() <= now.runSeq()) {
      return new Verdict.Duplicate();
    }
    if (now.status().isTerminal()) {
      return discard(now.status());
    }
    if (heard.runTakenAway()) {
      return new Verdict.Discard("its run had been taken away");
    }
    if (!sameRun && header.attempt() <= now.attempt()) {
      return new Verdict.Discard(
          "attempt %d counts, this is attempt %d of another run"
              .formatted(now.attempt(), header.attempt()));
    }
    return new Verdict.Apply(next(now.status(), heard), !sameRun);
  }

  private static OperationStatus next(OperationStatus now, Trigger.Heard heard) {
    boolean cancelling = now == OperationStatus.CANCELLING;
    return switch (heard.event()) {
      case OperationEvent.Started _, OperationEvent.Progressed _ ->
          cancelling ? OperationStatus.CANCELLING : OperationStatus.RUNNING;
      case OperationEvent.Completed _ -> OperationStatus.COMPLETED;
      case OperationEvent.Cancelled _ -> OperationStatus.CANCELLED;
      case OperationEvent.Failed failed -> {
        if (!failed.failure().retryable()) {
          yield OperationStatus.FAILED;
        }
        if (cancelling) {
          // Nobody wants the next attempt.
          yield OperationStatus.CANCELLED;
        }
        yield heard.attemptLeft() ? OperationStatus.PENDING : OperationStatus.FAILED;
      }
    };
  }

  private static Verdict cancel(OperationStatus now, boolean runUnsettled) {
    return switch (now) {
      case PENDING, RUNNING ->
          new Verdict.Apply(
              runUnsettled ? OperationStatus.CANCELLING : OperationStatus.CANCELLED, false);
      case CANCELLING -> new Verdict.Duplicate();
      case COMPLETED, FAILED, CANCELLED -> discard(now);
    };
  }

  private static Verdict retry(OperationStatus now) {
    return switch (now) {
      case FAILED, CANCELLED -> new Verdict.Apply(OperationStatus.PENDING, false);
      case PENDING, RUNNING, CANCELLING ->
          new Verdict.Discard("the operation is " + now.wireName() + " and has not ended");
      case COMPLETED -> discard(now);
    };
  }

  private static Verdict runGone(OperationStatus now, boolean attemptLeft) {
    return switch (now) {
      case PENDING, RUNNING ->
          new Verdict.Apply(attemptLeft ? OperationStatus.PENDING : OperationStatus.FAILED, false);
      case CANCELLING -> new Verdict.Apply(OperationStatus.CANCELLED, false);
      case COMPLETED, FAILED, CANCELLED -> discard(now);
    };
  }

  private static Verdict discard(OperationStatus now) {
    return new Verdict.Discard("the operation is " + now.wireName() + " already");
  }
}
