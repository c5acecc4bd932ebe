package io.ktrdr.worker.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every handler owes its worker, as tests: a test class that implements this has them all.
 *
 * <pre>{@code
 * final class PiHandlerTest implements JobHandlerContract<OperationSpec.Job> {
 *   public OperationHandler<OperationSpec.Job> handler() { … }
 *   public OperationSpec.Job spec(InMemoryRun run) { … }
 * }
 * }</pre>
 *
 * @param <S> the spec the handler understands
 */
public interface JobHandlerContract<S extends OperationSpec> {

  /** A run of fewer reports shows nothing. */
  int REPORTS_MIN = 5;

  /** Reports a handler may still make when it has been told to stop. */
  int REPORTS_AFTER_STOP_MAX = 3;

  /**
   * A worker interrupts a run a second after its stop and ends the process after half a minute; in
   * between there is room for a busy machine.
   */
  Duration STOP_LIMIT = Duration.ofSeconds(10);

  /** A new handler, as the worker's main makes it. */
  OperationHandler<S> handler();

  /**
   * A spec that takes at least {@link #REPORTS_MIN} reports and no more than some seconds. Always
   * the same.
   *
   * @param run takes, by {@link InMemoryRun#give}, the artifacts the spec refers to
   */
  S spec(InMemoryRun run);

  /** Whether the handler offers checkpoints. One that always begins anew says no. */
  default boolean checkpoints() {
    return true;
  }

  @Test
  default void progressIsReportedAndNeverGoesBack() throws InterruptedException {
    InMemoryRun run = newRun();
    perform(run).completed();
    assertThat(run.reports()).as("reports").hasSizeGreaterThanOrEqualTo(REPORTS_MIN);
    assertThat(run.reports()).extracting(Progress::percentage).isSorted();
    assertThat(run.reports()).extracting(Progress::currentStep).allMatch(step -> !step.isBlank());
    assertThat(run.reports()).allMatch(report -> report.itemsProcessed() <= report.itemsTotal());
  }

  @Test
  default void sameSpecGivesTheSameBytes() throws InterruptedException {
    assertThat(bytes(perform(newRun()).completed()))
        .isEqualTo(bytes(perform(newRun()).completed()));
  }

  @Test
  default void resultIsFiniteAndItsArtifactsAreStored() throws InterruptedException {
    InMemoryRun run = newRun();
    assertWellFormed(perform(run).completed(), run);
  }

  @Test
  default void stopEndsItWithinAFewSteps() throws InterruptedException {
    for (int point : points(reports())) {
      InMemoryRun run = newRun().stopAfterReports(point);
      HandlerRun ended = perform(run);
      assertStopped(ended, "report " + point);
      assertThat(run.reports().size() - point)
          .as("reports after the stop at report %d", point)
          .isLessThanOrEqualTo(REPORTS_AFTER_STOP_MAX);
      ended.partial().ifPresent(partial -> assertWellFormed(partial, run));
    }
  }

  /** Swallowed, an interrupt is lost: the next wait lasts as long as it likes. */
  @Test
  default void interruptIsPassedOn() throws InterruptedException {
    HandlerRun ended = perform(newRun().interruptAfterReports(reports() / 2));
    if (ended.thrown() == null) {
      assertThat(ended.interrupted()).as("the interrupt is still there at the end").isTrue();
    } else {
      assertThat(ended.thrown()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  default void resumedFromACheckpointItGivesTheSameBytes() throws InterruptedException {
    InMemoryRun undisturbed = newRun();
    String expected = bytes(perform(undisturbed).completed());
    int offered = undisturbed.checkpointsOffered();
    if (!checkpoints()) {
      assertThat(offered).as("checkpoints of a handler that says it offers none").isZero();
      return;
    }
    assertThat(offered).as("checkpoints; a handler without any says so").isPositive();
    for (int point : points(offered)) {
      InMemoryRun stopped = newRun().stopAtCheckpoint(point);
      assertStopped(perform(stopped), "checkpoint " + point);
      assertThat(stopped.checkpointTaken().orElseThrow())
          .hasSizeLessThanOrEqualTo(RunContext.CHECKPOINT_BYTES_MAX);
      InMemoryRun resumed = stopped.nextAttempt();
      assertThat(bytes(perform(resumed).completed()))
          .as("result of a run resumed from checkpoint %d of %d", point, offered)
          .isEqualTo(expected);
      assertThat(resumed.checkpointsOffered())
          .as("checkpoints after %d of %d; as many as before mean it began anew", point, offered)
          .isLessThan(offered);
    }
  }

  private InMemoryRun newRun() {
    return new InMemoryRun("op_contract_20260101_000000_abc12345");
  }

  private HandlerRun perform(InMemoryRun run) throws InterruptedException {
    return HandlerRun.of(handler(), spec(run), run);
  }

  private int reports() throws InterruptedException {
    InMemoryRun run = newRun();
    perform(run).completed();
    assertThat(run.reports()).as("reports").hasSizeGreaterThanOrEqualTo(REPORTS_MIN);
    return run.reports().size();
  }

  /** The beginning, and after each quarter but the last. */
  private static List<Integer> points(int steps) {
    return IntStream.of(1, steps / 4, steps / 2, steps * 3 / 4)
        .filter(point -> point >= 1)
        .distinct()
        .boxed()
        .toList();
  }

  private static void assertStopped(HandlerRun ended, String where) {
    assertThat(ended.thrown())
        .as("how it ends that was told to stop at %s", where)
        .isInstanceOf(RunStoppedException.class);
    assertThat(ended.afterStop())
        .as("time after the stop at %s", where)
        .isLessThanOrEqualTo(STOP_LIMIT);
  }

  private static void assertWellFormed(OperationResult result, InMemoryRun run) {
    List<String> notFinite = new ArrayList<>();
    collectNotFinite("", result.values(), notFinite);
    assertThat(notFinite).as("not finite; say null, and why").isEmpty();
    for (ArtifactRef artifact : result.artifacts()) {
      assertThat(run.bytes(artifact)).as(artifact.name()).hasSize((int) artifact.bytes());
    }
  }

  private static void collectNotFinite(String path, JsonNode node, List<String> found) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      found.add(path + " = " + node);
    }
    node.properties()
        .forEach(field -> collectNotFinite(path + "/" + field.getKey(), field.getValue(), found));
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collectNotFinite(path + "/" + i, node.get(i), found);
      }
    }
  }

  /** All that is kept of a result, artifacts by their digests. */
  private static String bytes(OperationResult result) {
    return result.values() + "\n" + result.artifacts();
  }
}
