package io.ktrdr.api.operation;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import org.jspecify.annotations.Nullable;

/** The rules of an operation's life, as a pure function: where it stands × what a run says. */
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

  /** What an event does. */
  public sealed interface Verdict {

    /**
     * Applied: the operation is now in this state, and the event's run is the one that counts.
     *
     * @param newRun true for the first event that is heard of a run
     */
    record Apply(OperationStatus next, boolean newRun) implements Verdict {}

    /** The same event again, or one its successor overtook. */
    record Duplicate() implements Verdict {}

    /** Late or foreign: changes nothing. */
    record Discard(String reason) implements Verdict {}
  }

  /**
   * @param runTakenAway true when the claim table says this event's run was ended by somebody else:
   *     lost or handed back
   */
  public static Verdict judge(Standing now, OperationEvent event, boolean runTakenAway) {
    EventHeader header = event.header();
    boolean sameRun = header.runId().equals(now.run());
    if (sameRun && header.seq() <= now.runSeq()) {
      return new Verdict.Duplicate();
    }
    if (now.status().isTerminal()) {
      return new Verdict.Discard("the operation is " + now.status().wireName() + " already");
    }
    if (runTakenAway) {
      return new Verdict.Discard("its run had been taken away");
    }
    if (!sameRun && header.attempt() <= now.attempt()) {
      return new Verdict.Discard(
          "attempt %d counts, this is attempt %d of another run"
              .formatted(now.attempt(), header.attempt()));
    }
    return new Verdict.Apply(next(event), !sameRun);
  }

  private static OperationStatus next(OperationEvent event) {
    return switch (event) {
      case OperationEvent.Started _, OperationEvent.Progressed _ -> OperationStatus.RUNNING;
      case OperationEvent.Completed _ -> OperationStatus.COMPLETED;
      case OperationEvent.Failed _ -> OperationStatus.FAILED;
      case OperationEvent.Cancelled _ -> OperationStatus.CANCELLED;
    };
  }
}
