package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.example.ExampleWorkerMain;
import io.ktrdr.protocol.Json;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.system.OtlpReceiver.Kind;
import io.ktrdr.system.OtlpReceiver.Span;
import io.ktrdr.testkit.MetricsPage;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import io.ktrdr.testkit.WorkerProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a system says of itself while one operation completes and one loses its worker: traces,
 * received over OTLP; log lines as JSON; and metrics, found as Prometheus finds them.
 */
@SuppressWarnings("NullAway.Init")
final class TelemetryIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String CLIENTS_TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CLIENTS_SPAN = "b7ad6b7169203331";
  private static final String WORKER_QUEUE = "process operations.pi";
  private static final WorkerProgram PI =
      new WorkerProgram(
          "pi-worker",
          RepositoryRoot.find().resolve("jobs-example/target/classes"),
          ExampleWorkerMain.class.getName());

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static OtlpReceiver collector;
  private static TestSystem system;
  private static SystemClient client;
  private static String completed;
  private static String lostOnce;

  @BeforeAll
  static void runTwoOperations() throws Exception {
    collector = new OtlpReceiver();
    SystemPlan plan = SystemPlan.apiOnly().withApiVariable("KTRDR_JOB_TYPES", "pi");
    Map<String, String> telemetry =
        Map.of(
            "LOG_FORMAT", "json",
            "KTRDR_OTEL", "on",
            "OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(),
            "OTEL_BSP_SCHEDULE_DELAY", "100");
    for (Map.Entry<String, String> variable : telemetry.entrySet()) {
      plan =
          plan.withApiVariable(variable.getKey(), variable.getValue())
              .withWorkerVariable(variable.getKey(), variable.getValue());
    }
    system = TestSystem.start(plan);
    client = new SystemClient(system);
    OwnedProcess first = system.startWorkers(PI, 1, Map.of()).getFirst();
    completed = submit(20_000_000);
    client.ended(completed, LIMIT);
    lostOnce = submit(400_000_000);
    await()
        .atMost(LIMIT)
        .until(() -> client.operation(lostOnce).at("/progress/percentage").asDouble() >= 15);
    first.kill();
    system.startWorkers(PI, 1, Map.of());
    client.ended(lostOnce, LIMIT);
    await("the ends of both, as far as the projection")
        .atMost(LIMIT)
        .until(() -> endIsProjected(completed) && endIsProjected(lostOnce));
  }

  private static boolean endIsProjected(String operation) {
    List<String> ends =
        spans(operation, "publish operation-events").stream().map(Span::id).toList();
    return spans(operation, "process operation-events.projection").stream()
        .anyMatch(span -> ends.contains(span.parent()));
  }

  @AfterAll
  static void stop() {
    system.close();
    collector.close();
    HTTP.close();
  }

  @Test
  void completedOperationIsOneTraceFromTheClientToTheProjection() {
    Span request = ofClient("POST /api/v1/operations").getFirst();
    assertThat(request.kind()).isEqualTo(Kind.SERVER);
    assertThat(request.service()).isEqualTo("ktrdr-api");
    assertThat(request.parent()).isEqualTo(CLIENTS_SPAN);
    assertThat(request.attributes()).containsEntry("http.response.status_code", "202");

    Span published = spans(completed, "publish operations").getFirst();
    assertThat(published.kind()).isEqualTo(Kind.PRODUCER);
    assertThat(published.trace()).isEqualTo(CLIENTS_TRACE);
    assertThat(ofClient("POST /api/v1/operations"))
        .extracting(Span::id)
        .contains(published.parent());
    assertThat(published.attributes())
        .containsEntry("messaging.system", "rabbitmq")
        .containsEntry("messaging.destination.name", "operations")
        .containsEntry("messaging.rabbitmq.destination.routing_key", "pi")
        .containsEntry("messaging.operation.type", "send");

    Span processed = spans(completed, WORKER_QUEUE).getFirst();
    assertThat(processed.kind()).isEqualTo(Kind.CONSUMER);
    assertThat(processed.service()).isEqualTo("ktrdr-worker");
    assertThat(processed.trace()).isEqualTo(CLIENTS_TRACE);
    assertThat(processed.parent()).isEqualTo(published.id());
    assertThat(processed.links()).isEmpty();
    assertThat(processed.attributes())
        .containsEntry("ktrdr.attempt", "1")
        .containsEntry("ktrdr.worker.id", "pi-worker-1")
        .containsEntry("messaging.operation.type", "process");
    assertThat(childrenOf(processed))
        .extracting(Span::name)
        .contains("claim", "run", "progress", "conclude", "publish operation-events");
    // However long the run: what is under way is told in steps.
    assertThat(processed.endNanos()).isLessThan(only(childrenOf(processed), "run").endNanos());

    Span ended = only(childrenOf(processed), "publish operation-events");
    assertThat(spans(completed, "process operation-events.projection"))
        .allMatch(span -> span.kind() == Kind.CONSUMER && span.service().equals("ktrdr-api"))
        .extracting(Span::parent)
        .contains(ended.id());
  }

  @Test
  void secondAttemptIsATraceOfItsOwnLinkedToTheFirst() {
    assertThat(spans(lostOnce, WORKER_QUEUE)).hasSize(2);
    assertThat(
            client.rows(
                "select attempt, outcome from runs where operation_id = '%s' order by 1"
                    .formatted(lostOnce)))
        .containsExactly("1|lost", "2|completed");
    Span first = attempt("1");
    Span second = attempt("2");
    assertThat(first.trace()).isEqualTo(CLIENTS_TRACE);
    assertThat(second.trace()).isNotEqualTo(CLIENTS_TRACE);
    assertThat(second.parent()).isEmpty();
    assertThat(second.links()).contains(first.trace() + "/" + first.id());
    assertThat(childrenOf(first))
        .as("how far the worker came that was killed")
        .extracting(Span::name)
        .contains("claim", "progress")
        .doesNotContain("run", "conclude");
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(childrenOf(second)).extracting(Span::name).contains("run", "conclude"));
    assertThat(
            client.rows(
                "select substr(traceparent, 4, 32) from runs where operation_id = '%s' order by attempt"
                    .formatted(lostOnce)))
        .containsExactly(first.trace(), second.trace());
  }

  @Test
  void linesOfARunSayWhichOperationAttemptWorkerAndTrace() throws IOException {
    JsonNode line = line("pi-worker-2.log", "Starting operation: " + lostOnce);
    assertThat(line.path("operation_id").asText()).isEqualTo(lostOnce);
    assertThat(line.path("attempt").asText()).isEqualTo("2");
    assertThat(line.path("worker").asText()).isEqualTo("pi-worker-2");
    assertThat(line.path("worker_type").asText()).isEqualTo("pi");
    assertThat(line.path("service").asText()).isEqualTo("ktrdr-worker");
    assertThat(line.path("trace_id").asText()).isEqualTo(attempt("2").trace());
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    JsonNode accepted = line("api.log", "Operation accepted: " + completed);
    assertThat(accepted.path("trace_id").asText()).isEqualTo(CLIENTS_TRACE);
    assertThat(accepted.path("service").asText()).isEqualTo("ktrdr-api");
  }

  @Test
  void prometheusFindsTheWorkersFigures() throws Exception {
    JsonNode targets = client.fetch("/api/v1/workers/targets");
    JsonNode alive =
        Stream.iterate(0, i -> i < targets.size(), i -> i + 1)
            .map(targets::get)
            .filter(target -> target.at("/labels/worker_id").asText().equals("pi-worker-2"))
            .findFirst()
            .orElseThrow();
    String text =
        HTTP.send(
                HttpRequest.newBuilder(
                        URI.create("http://%s/metrics".formatted(alive.at("/targets/0").asText())))
                    .build(),
                BodyHandlers.ofString())
            .body();
    assertThat(MetricsPage.scraped(text)).isEqualTo(MetricsPage.documented("Worker"));
    assertThat(text).contains("ktrdr_worker_runs_total{outcome=\"completed\"} 1.0");
  }

  private static String submit(long samples) throws IOException, InterruptedException {
    String body =
        "{\"operation_type\": \"pi\", \"parameters\": {\"samples\": %d, \"seed\": 7}}"
            .formatted(samples);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(system.apiUrl() + "/api/v1/operations"))
            .header("traceparent", "00-%s-%s-01".formatted(CLIENTS_TRACE, CLIENTS_SPAN))
            .POST(BodyPublishers.ofString(body))
            .build();
    JsonNode answer = Json.mapper().readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
    assertThat(answer.has("operation_id")).as("%s", answer).isTrue();
    return answer.path("operation_id").asText();
  }

  private static List<Span> spans(String operation, String name) {
    return collector.spans().stream()
        .filter(span -> span.name().equals(name))
        .filter(
            span -> operation.equals(span.attributes().get("messaging.message.conversation_id")))
        .toList();
  }

  private static List<Span> ofClient(String name) {
    return collector.spans().stream()
        .filter(span -> span.trace().equals(CLIENTS_TRACE) && span.name().equals(name))
        .toList();
  }

  private static Span attempt(String number) {
    return spans(lostOnce, WORKER_QUEUE).stream()
        .filter(span -> number.equals(span.attributes().get("ktrdr.attempt")))
        .findFirst()
        .orElseThrow();
  }

  private static List<Span> childrenOf(Span parent) {
    return collector.spans().stream().filter(span -> span.parent().equals(parent.id())).toList();
  }

  private static Span only(List<Span> spans, String name) {
    List<Span> found = spans.stream().filter(span -> span.name().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  private static JsonNode line(String file, String message) throws IOException {
    String line =
        Files.readAllLines(system.logs().resolve(file)).stream()
            .filter(text -> text.contains(message))
            .findFirst()
            .orElseThrow();
    return Json.mapper().readTree(line);
  }
}
