package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.example.ExampleWorkerMain;
import io.ktrdr.example.PiHandler;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import io.ktrdr.testkit.WorkerProgram;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A job type that the system knows by its name only: the example of docs/new-job-type.md. */
@SuppressWarnings("NullAway.Init")
final class NewJobTypeIT {

  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Path ROOT = RepositoryRoot.find();
  private static final WorkerProgram PI =
      new WorkerProgram(
          "pi-worker",
          ROOT.resolve("jobs-example/target/classes"),
          ExampleWorkerMain.class.getName());
  private static final WorkerProgram UNKNOWN =
      new WorkerProgram(
          "pie-worker",
          Path.of(
              ROOT.resolve("system-tests/target/test-classes")
                  + ":"
                  + ROOT.resolve("jobs-example/target/classes")),
          UnknownTypeWorker.class.getName());

  /** Some seconds of work: enough to be stopped at a fifth and killed at two fifths. */
  private static final long SAMPLES = 1_000_000_000;

  private static TestSystem system;
  private static SystemClient client;

  @BeforeAll
  static void start() {
    system =
        TestSystem.start(
            SystemPlan.apiOnly()
                .withApiVariable("KTRDR_JOB_TYPES", "pi")
                .withWorkerVariable("KTRDR_WORKER_STOP_GRACE_SECONDS", "0"));
    client = new SystemClient(system);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  /** A checkpoint is taken at a stop, else every half a minute, which is long for a test. */
  @Test
  void operationOutlivesAStopAndAKillAndResumesFromItsCheckpoint() throws Exception {
    OwnedProcess first = startWorker();
    ObjectNode parameters = Json.mapper().createObjectNode().put("samples", SAMPLES).put("seed", 7);
    String id =
        client.submit(
            "/api/v1/operations",
            "{\"operation_type\": \"pi\", \"parameters\": %s}".formatted(parameters));
    awaitPercentage(id, 1, 20);
    OwnedProcess second = startWorker();
    assertThat(first.stop(LIMIT)).isTrue();

    awaitPercentage(id, 2, 40);
    assertThat(client.operation(id).at("/attempts/0/checkpoint_at").isTextual()).isTrue();
    second.kill();
    OwnedProcess third = startWorker();

    JsonNode ended = client.ended(id, LIMIT);
    assertThat(ended.path("status").asText()).as("%s", ended).isEqualTo("completed");
    assertThat(ended.path("worker_id").asText()).isEqualTo(third.name());
    assertThat(
            client.rows(
                "select attempt, outcome from runs where operation_id = '%s' order by 1"
                    .formatted(id)))
        .containsExactly("1|released", "2|lost", "3|completed");
    assertThat(
            client.rows(
                """
                select min((payload ->> 'percentage')::float) >= 20 from operation_events
                where operation_id = '%s' and attempt = 3 and payload ? 'percentage'
                """
                    .formatted(id)))
        .as("it went on from the checkpoint")
        .containsExactly("t");
    assertThat(ended.path("result")).isEqualTo(undisturbed(parameters));
  }

  @Test
  void workerOfATypeTheApiDoesNotKnowIsRefusedAndEnds() throws Exception {
    OwnedProcess worker = system.launchWorker(UNKNOWN, Map.of());
    worker.onExit().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(worker.exitCode()).contains(1);
    assertThat(worker.logTail(5))
        .contains("HTTP 422", "'pie', valid are: backtesting, training, pi");
  }

  private static OwnedProcess startWorker() {
    return system.startWorkers(PI, 1, Map.of()).getFirst();
  }

  private static void awaitPercentage(String id, int attempt, int percentage) {
    await("attempt %d at %d %%".formatted(attempt, percentage))
        .atMost(LIMIT)
        .until(() -> {
          JsonNode operation = client.operation(id);
          return operation.path("status").asText().equals("running")
              && operation.path("attempt").asInt() == attempt
              && operation.at("/progress/percentage").asDouble() >= percentage
              && operation.at("/progress/items_total").asLong() == SAMPLES;
        });
  }

  /** What a run comes to that nobody stopped, as JSON that was sent. */
  private static JsonNode undisturbed(ObjectNode parameters) throws Exception {
    InMemoryRun run = new InMemoryRun("op_pi_20260101_000000_abc12345");
    OperationSpec.Job spec = new OperationSpec.Job(OperationType.parse("pi"), parameters);
    return Json.mapper().readTree(new PiHandler().run(spec, run).values().toString());
  }
}
