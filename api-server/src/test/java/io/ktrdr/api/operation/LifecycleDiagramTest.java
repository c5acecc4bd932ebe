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
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The diagram in the documentation is what the function says. */
final class LifecycleDiagramTest {

  private static final EventHeader HEADER =
      new EventHeader(
          UUID.randomUUID(),
          OperationId.parse("op_backtest_20251110_103000_abc123"),
          OperationType.BACKTESTING,
          1,
          RunId.create(),
          6,
          new WorkerId("w"),
          Instant.EPOCH);

  @Test
  void theDocumentedDiagramIsTheFunctionsOwn() throws IOException {
    String page = Files.readString(RepositoryRoot.find().resolve("docs/lifecycle.md"));
    assertThat(page)
        .as("docs/lifecycle.md must contain exactly this diagram")
        .contains("```mermaid\n" + diagram() + "```\n");
  }

  private static String diagram() {
    Map<String, String> labels = new TreeMap<>();
    for (OperationStatus from : OperationStatus.values()) {
      triggers()
          .forEach((label, trigger) -> {
            Standing standing = new Standing(from, 1, HEADER.runId(), 5);
            if (OperationLifecycle.judge(standing, trigger)
                    instanceof Verdict.Apply(OperationStatus next, var _)
                && next != from) {
              labels.merge(
                  from.wireName() + " --> " + next.wireName(), label, (a, b) -> a + " / " + b);
            }
          });
    }
    StringBuilder text = new StringBuilder("stateDiagram-v2\n  [*] --> pending: accepted\n");
    labels.forEach(
        (edge, label) -> text.append("  ").append(edge).append(": ").append(label).append('\n'));
    return text.toString();
  }

  private static Map<String, Trigger> triggers() {
    Map<String, Trigger> all = new LinkedHashMap<>();
    all.put("started", heard(new OperationEvent.Started(HEADER), true));
    all.put("progress", heard(new OperationEvent.Progressed(HEADER, Progress.of(1, "x")), true));
    all.put(
        "completed",
        heard(
            new OperationEvent.Completed(HEADER, Json.mapper().createObjectNode(), List.of()),
            true));
    all.put("failed for good", heard(failed(false), true));
    all.put("failed, may be tried again", heard(failed(true), true));
    all.put("failed, no attempt left", heard(failed(true), false));
    all.put("stopped", heard(new OperationEvent.Cancelled(HEADER, "x", null, List.of()), true));
    all.put("cancel, no run", new Trigger.CancelAsked(false));
    all.put("cancel, a run goes on", new Trigger.CancelAsked(true));
    all.put("run lost or handed back", new Trigger.RunGone(true));
    all.put("run lost, no attempt left", new Trigger.RunGone(false));
    all.put("queue timeout", new Trigger.QueueTimedOut(false));
    all.put("retry or resume by hand", new Trigger.RetryAsked());
    return all;
  }

  private static OperationEvent failed(boolean retryable) {
    return new OperationEvent.Failed(HEADER, new Failure("X", "x", retryable));
  }

  private static Trigger heard(OperationEvent event, boolean attemptLeft) {
    return new Trigger.Heard(event, false, attemptLeft);
  }
}
