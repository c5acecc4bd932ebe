package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The commands about the fleet, against answers told beforehand. */
final class FleetCommandsTest {

  private static final String WORKERS = "GET /api/v1/workers?worker_type=backtesting";
  private static final String DRAIN_STATUS =
      """
      {"accepting": false, "dispatching": false, "reason": "deploy", "since": "2025-11-10T10:30:00Z",
       "types": {"training": {"accepting": false, "dispatching": false, "pending": 3, "running": %d},
                 "backtesting": {"accepting": true, "dispatching": true, "pending": 0, "running": 4}},
       "running": [{"operation_id": "op_training_1", "type": "training", "worker_id": "t-1",
                    "percentage": 42.0, "running_seconds": 65.0}]}
      """;

  private final StubApi api = new StubApi();

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void idleWorkersGoFirstThenThoseThatWouldLoseLeast() {
    fleet();
    Said said = ktrdr("workers", "drain", "--type", "backtesting", "--idle-first", "--keep", "2");
    assertThat(said.exitCode()).as(said.err()).isZero();
    // Idle; then the checkpoint of 10:59; then the run of 10:50. The oldest and the next stay.
    assertThat(api.changes())
        .containsExactly(
            "POST /api/v1/workers/idle/drain {}",
            "POST /api/v1/workers/fresh-checkpoint/drain {}",
            "POST /api/v1/workers/young/drain {}");
    assertThat(said.out())
        .containsSubsequence("idle", "goes", "fresh-checkpoint", "goes", "young", "goes")
        .containsSubsequence("old-checkpoint", "stays", "old", "stays")
        .contains("checkpoint of 2025-11-10T10:59:00Z", "no checkpoint", "3 told to go")
        .doesNotContain("silent", "going");
  }

  @Test
  void theAuditIsShownWithWhoAndWhereItGoesOn() {
    api.on(
        "GET /api/v1/admin/audit?limit=1&before=9",
        """
        {"entries": [{"id": 8, "at": "2026-11-28T04:00:00Z", "actor": "alice",
                      "action": "fleet.paused", "subject": "*", "detail": {"reason": "deploy"}}],
         "next_before": 8}
        """);
    Said said = ktrdr("admin", "audit", "--limit", "1", "--before", "9");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out())
        .containsSubsequence("ACTOR", "8", "alice", "fleet.paused", "deploy", "--before 8");
  }

  @Test
  void neverMoreGoThanThereAreAboveThoseToKeep() {
    fleet();
    Said said = ktrdr("workers", "drain", "--type", "backtesting", "--keep", "5");
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).contains("None has to go: 5 stay");
    assertThat(api.changes()).isEmpty();
  }

  @Test
  void aDryRunTellsNobody() throws IOException {
    fleet();
    Said said =
        ktrdr("workers", "drain", "--type", "backtesting", "--keep", "4", "--dry-run", "--json");
    assertThat(said.exitCode()).isZero();
    assertThat(api.changes()).isEmpty();
    JsonNode json = Json.mapper().readTree(said.out());
    assertThat(json.at("/picked/0/worker_id").asText()).isEqualTo("idle");
    assertThat(json.path("picked").size()).isEqualTo(1);
    assertThat(json.path("kept").size()).isEqualTo(4);
    assertThat(json.path("dry_run").asBoolean()).isTrue();
  }

  @Test
  void withoutATypeSoManyOfEachStay() {
    api.on(
            "GET /api/v1/workers",
            array(
                worker("b-1", "backtesting", "AVAILABLE", null),
                worker("b-2", "backtesting", "AVAILABLE", null),
                worker("t-1", "training", "AVAILABLE", null)))
        .on("POST /api/v1/workers/b-1/drain", 202, "{}");
    assertThat(ktrdr("workers", "drain", "--keep", "1").exitCode()).isZero();
    assertThat(api.changes()).containsExactly("POST /api/v1/workers/b-1/drain {}");
  }

  @Test
  void waitingEndsWhenTheyAreGoneOrCameBackAsAnother() {
    String going = worker("b-1", "backtesting", "DRAINING", "op_backtest_1");
    String other = worker("b-2", "backtesting", "AVAILABLE", null);
    String successor = other.replace("b-2", "b-1").replace("09:00", "11:00");
    api.on("GET /api/v1/workers", array(going, other))
        .on("GET /api/v1/workers", array(going, other))
        .on("GET /api/v1/workers", array(successor, other))
        .on("POST /api/v1/workers/b-1/drain", 202, "{}");
    Said said = ktrdr("workers", "drain", "b-1", "--wait");
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).contains("0 of 1 gone; b-1 finishes op_backtest_1", "All 1 are gone");
  }

  @Test
  void aWorkerNobodyKnowsIsAFailureAndTheOthersGo() {
    api.on("GET /api/v1/workers", array(worker("b-1", "backtesting", "AVAILABLE", null)))
        .on(
            "POST /api/v1/workers/nope/drain",
            404,
            "{\"code\": \"WORKER_UNKNOWN\", \"detail\": \"Worker not found: nope\"}")
        .on("POST /api/v1/workers/b-1/drain", 202, "{}");
    Said said = ktrdr("workers", "drain", "nope", "b-1");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.err()).contains("Worker not found: nope");
    assertThat(said.out()).contains("1 told to go");
    assertThat(api.changes()).hasSize(2);
  }

  @Test
  void aDrainThatSaysNeitherWhoNorHowManyIsRefused() {
    assertThat(ktrdr("workers", "drain").exitCode()).isEqualTo(2);
    assertThat(ktrdr("workers", "drain", "b-1", "--keep", "3").exitCode()).isEqualTo(2);
    assertThat(ktrdr("workers", "drain", "--keep", "-1").exitCode()).isEqualTo(2);
    assertThat(api.asked()).isEmpty();
  }

  @Test
  void workersAreListedWithTheirSignals() {
    api.on(
        "GET /api/v1/workers?worker_type=training&status=busy",
        """
        [{"worker_id": "t-1", "worker_type": "training", "status": "BUSY",
          "current_operation_id": "op_training_1",
          "metadata": {"alive": true, "subscribed": false, "advancing": null,
                       "current_operation_since": "2025-11-10T10:30:00Z",
                       "queues": ["operations.training", "operations.training.gpu"]}}]
        """);
    Said said = ktrdr("workers", "list", "--type", "training", "--status", "busy");
    assertThat(said.out())
        .contains("alive, NOT subscribed", "2025-11-10T10:30:00Z", "operations.training.gpu")
        .doesNotContain("advancing");
    api.on("GET /api/v1/workers", "[]");
    assertThat(ktrdr("workers").out()).contains("No workers registered");
  }

  @Test
  void oneWorkerCountsAndScaleAreShown() {
    api.on(
            "GET /api/v1/workers/t-1",
            """
            {"worker_id": "t-1", "status": "BUSY", "capabilities": {"cores": 4, "gpu": false},
             "metadata": {"queues": [], "resident_mb": 812}}
            """)
        .on(
            "GET /api/v1/workers/health",
            """
            {"total_workers": 8, "available": 5, "busy": 2, "draining": 1,
             "temporarily_unavailable": 0,
             "by_type": {"backtesting": {"available": 5, "busy": 0}}}
            """)
        .on(
            "GET /api/v1/workers/scale?type=backtesting",
            """
            {"type": "backtesting", "queued": 3, "running": 4, "value": 7, "workers": 5,
             "busy": 4, "drainable": 1}
            """);
    assertThat(ktrdr("workers", "show", "t-1").out())
        .contains("cores 4, gpu false", "resident mb", "812");
    assertThat(ktrdr("workers", "health").out()).contains("all 8", "backtesting", "DRAINING");
    assertThat(ktrdr("workers", "scale", "--type", "backtesting").out())
        .contains("7 can be used (3 queued, 4 running); 5 workers, 4 busy, 1 may go");
    assertThat(ktrdr("workers", "scale").exitCode()).isEqualTo(2);
    assertThat(ktrdr("workers", "show", "nobody").exitCode()).isEqualTo(1);
  }

  @Test
  void aDrainWaitsForWhatRunsOfItsType() {
    api.on("POST /api/v1/admin/drain", DRAIN_STATUS.formatted(1))
        .on("GET /api/v1/admin/drain", DRAIN_STATUS.formatted(1))
        .on("GET /api/v1/admin/drain", DRAIN_STATUS.formatted(0));
    Said said = ktrdr("admin", "drain", "--type", "training", "--reason", "deploy", "--wait");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(api.changes())
        .containsExactly(
            "POST /api/v1/admin/drain"
                + " {\"type\":\"training\",\"reason\":\"deploy\",\"pending\":\"hold\"}");
    assertThat(said.out())
        .contains("1 running, 3 waiting", "New operations are refused, waiting ones are held")
        .contains("2025-11-10T10:30:00Z: deploy", "op_training_1", "42%", "1 min 05 s");
  }

  @Test
  void pausesAndTheWaysBackAreOneRequestEach() {
    for (String action : List.of("undrain", "pause", "resume")) {
      api.on("POST /api/v1/admin/" + action, DRAIN_STATUS.formatted(0));
      assertThat(ktrdr("admin", action, "--type", "training").exitCode()).isZero();
    }
    api.on("POST /api/v1/admin/drain", DRAIN_STATUS.formatted(0));
    assertThat(ktrdr("admin", "drain", "--pending", "run").exitCode()).isZero();
    assertThat(ktrdr("admin", "drain", "--pending", "drop").exitCode()).isEqualTo(2);
    assertThat(api.changes())
        .containsExactly(
            "POST /api/v1/admin/undrain {\"type\":\"training\"}",
            "POST /api/v1/admin/pause {\"type\":\"training\"}",
            "POST /api/v1/admin/resume {\"type\":\"training\"}",
            "POST /api/v1/admin/drain {\"pending\":\"run\"}");
    api.on("GET /api/v1/admin/drain", DRAIN_STATUS.formatted(0));
    assertThat(ktrdr("admin", "drain-status").out()).contains("TYPE", "training", "RUNNING");
  }

  @Test
  void anExplanationIsASentenceAndWhoCouldDoIt() {
    api.on(
        "GET /api/v1/operations/op_training_1/explain",
        """
        {"operation_id": "op_training_1", "status": "pending", "state": "waiting_for_worker",
         "summary": "Number 2 in its queue.",
         "queue": {"name": "operations.training.gpu", "position": 2, "ahead": 1},
         "demand": {"requires_gpu": true},
         "workers": [
           {"worker_id": "t-1", "status": "BUSY", "current_operation_id": "op_training_0",
            "busy_seconds": 65.2, "percentage": 43.0, "capable": true},
           {"worker_id": "t-2", "status": "AVAILABLE", "current_operation_id": null,
            "busy_seconds": null, "percentage": null, "capable": false,
            "not_capable_because": "has no GPU"}],
         "expected_start": {"earliest": "2025-11-10T10:30:00Z", "median": "2025-11-10T10:31:00Z",
                            "latest": "2025-11-10T10:35:00Z", "based_on_runs": 57, "method": "…"},
         "expected_end": null}
        """);
    Said said = ktrdr("operations", "explain", "op_training_1");
    assertThat(said.exitCode()).isZero();
    assertThat(said.out())
        .contains("op_training_1 pending (waiting for worker)", "Number 2 in its queue.")
        .contains("Queue operations.training.gpu: position 2, 1 ahead", "{\"requires_gpu\":true}")
        .contains("Expected start: 2025-11-10T10:31:00Z", "from 57 runs", "no: has no GPU")
        .contains("1 min 05 s", "43%");
    assertThat(ktrdr("operations", "explain", "op_nobody").exitCode()).isEqualTo(1);
  }

  @Test
  void everyCommandHasHelp() {
    for (String command :
        List.of(
            "operations explain",
            "workers show",
            "workers health",
            "workers scale",
            "workers drain",
            "admin drain",
            "admin undrain",
            "admin pause",
            "admin resume",
            "admin drain-status")) {
      List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
      arguments.add("--help");
      Said said = ktrdr(arguments.toArray(String[]::new));
      assertThat(said.exitCode()).isZero();
      assertThat(said.out()).contains("Usage: ktrdr " + command);
    }
  }

  /** Five that live, one that drains already, one that fell silent. */
  private void fleet() {
    api.on(
        WORKERS,
        array(
            worker("old", "backtesting", "BUSY", "op_old"),
            worker("old-checkpoint", "backtesting", "BUSY", "op_old_checkpoint"),
            worker("young", "backtesting", "BUSY", "op_young"),
            worker("fresh-checkpoint", "backtesting", "BUSY", "op_fresh_checkpoint"),
            worker("idle", "backtesting", "AVAILABLE", null),
            worker("going", "backtesting", "DRAINING", null),
            worker("silent", "backtesting", "TEMPORARILY_UNAVAILABLE", null)));
    operation("op_old", "08:00", null);
    operation("op_old_checkpoint", "08:00", "10:40");
    operation("op_young", "10:50", null);
    operation("op_fresh_checkpoint", "08:00", "10:59");
    for (String id : List.of("idle", "fresh-checkpoint", "young")) {
      api.on("POST /api/v1/workers/%s/drain".formatted(id), 202, "{\"status\": \"DRAINING\"}");
    }
  }

  private void operation(String id, String startedAt, @Nullable String checkpointAt) {
    api.on(
        "GET /api/v1/operations/" + id,
        """
        {"operation_id": "%s", "attempts": [
          {"attempt": 1, "started_at": "2025-11-10T07:00:00Z", "checkpoint_at": null},
          {"attempt": 2, "started_at": %s, "checkpoint_at": %s}]}
        """
            .formatted(id, time(startedAt), time(checkpointAt)));
  }

  private static String time(@Nullable String time) {
    return time == null ? "null" : "\"2025-11-10T%s:00Z\"".formatted(time);
  }

  private static String worker(String id, String type, String status, @Nullable String operation) {
    return """
    {"worker_id": "%s", "worker_type": "%s", "status": "%s", "current_operation_id": %s,
     "registered_at": "2025-11-10T09:00:00Z"}
    """
        .formatted(id, type, status, operation == null ? "null" : "\"" + operation + "\"");
  }

  private static String array(String... items) {
    return Stream.of(items).collect(Collectors.joining(",", "[", "]"));
  }

  private Said ktrdr(String... arguments) {
    return Said.by(api, arguments);
  }
}
