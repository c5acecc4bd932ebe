package io.ktrdr.worker.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A handler that keeps the contract passes; each way to break it is found. */
final class JobHandlerContractTest {

  private static final int STEPS = 8;

  enum Flaw {
    NONE,
    SAYS_NOTHING,
    GOES_BACK,
    DIFFERS_EACH_TIME,
    NOT_A_NUMBER,
    KEEPS_WHAT_IS_NOT_FINITE,
    GOES_ON_WHEN_STOPPED,
    SWALLOWS_INTERRUPTS,
    FORGETS_HALF_ITS_STATE,
    BEGINS_ANEW,
    OFFERS_NO_CHECKPOINT
  }

  @ParameterizedTest
  @EnumSource
  void aHandlerThatKeepsItPasses(Flaw flaw) throws InterruptedException {
    check(flaw, new Subject(Flaw.NONE));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void eachFlawIsFound(Flaw flaw) {
    assertThatThrownBy(() -> check(flaw, new Subject(flaw))).isInstanceOf(AssertionError.class);
  }

  /** The part of the contract that a flaw breaks: here tests are what is tested. */
  @SuppressWarnings("JUnitMethodInvoked")
  private static void check(Flaw flaw, Subject subject) throws InterruptedException {
    switch (flaw) {
      case NONE -> {}
      case SAYS_NOTHING, GOES_BACK -> subject.progressIsReportedAndNeverGoesBack();
      case DIFFERS_EACH_TIME -> subject.sameSpecGivesTheSameBytes();
      case NOT_A_NUMBER -> subject.resultIsFiniteAndItsArtifactsAreStored();
      case KEEPS_WHAT_IS_NOT_FINITE, GOES_ON_WHEN_STOPPED -> subject.stopEndsItWithinAFewSteps();
      case SWALLOWS_INTERRUPTS -> subject.interruptIsPassedOn();
      case FORGETS_HALF_ITS_STATE, BEGINS_ANEW, OFFERS_NO_CHECKPOINT ->
          subject.resumedFromACheckpointItGivesTheSameBytes();
    }
  }

  private record Subject(Flaw flaw) implements JobHandlerContract<OperationSpec.Job> {

    @Override
    public OperationHandler<OperationSpec.Job> handler() {
      return new Sum(flaw);
    }

    @Override
    public OperationSpec.Job spec(InMemoryRun run) {
      return new OperationSpec.Job(OperationType.parse("sum"), Json.mapper().createObjectNode());
    }
  }

  /** Adds up its steps. */
  private record Sum(Flaw flaw) implements OperationHandler<OperationSpec.Job> {

    private static final AtomicInteger RESULTS = new AtomicInteger();

    @Override
    public Class<OperationSpec.Job> specType() {
      return OperationSpec.Job.class;
    }

    @Override
    public OperationResult run(OperationSpec.Job spec, RunContext context)
        throws InterruptedException {
      byte[] from =
          context
              .latestCheckpoint()
              .filter(_ -> flaw != Flaw.BEGINS_ANEW)
              .orElse(new byte[] {0, 0});
      int sum = flaw == Flaw.FORGETS_HALF_ITS_STATE ? 0 : from[1];
      for (int step = from[0] + 1; step <= STEPS; step++) {
        sum += step;
        byte[] state = {(byte) step, (byte) sum};
        context.onStop(() -> Optional.of(result(state[1], flaw == Flaw.KEEPS_WHAT_IS_NOT_FINITE)));
        report(step, context);
        if (flaw == Flaw.SWALLOWS_INTERRUPTS) {
          boolean _ = Thread.interrupted();
        }
        pause(state, context);
      }
      int offset = flaw == Flaw.DIFFERS_EACH_TIME ? RESULTS.incrementAndGet() : 0;
      return result(sum + offset, flaw == Flaw.NOT_A_NUMBER);
    }

    private void report(int step, RunContext context) {
      if (flaw != Flaw.SAYS_NOTHING) {
        int done = flaw == Flaw.GOES_BACK ? STEPS - step : step;
        context.report(Progress.of(100.0 * done / STEPS, "Step " + step));
      }
    }

    private void pause(byte[] state, RunContext context) {
      try {
        if (flaw == Flaw.OFFERS_NO_CHECKPOINT) {
          context.throwIfStopped();
        } else {
          context.checkpoint(() -> state);
        }
      } catch (RunStoppedException e) {
        if (flaw != Flaw.GOES_ON_WHEN_STOPPED) {
          throw e;
        }
      }
    }

    private static OperationResult result(int sum, boolean broken) {
      return new OperationResult(
          Json.mapper()
              .createObjectNode()
              .put("sum", sum)
              .put("mean", broken ? Double.NaN : (double) sum / STEPS),
          List.of());
    }
  }
}
