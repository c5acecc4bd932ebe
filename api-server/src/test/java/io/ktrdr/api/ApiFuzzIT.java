package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.ktrdr.api.fuzz.FuzzRequests;
import io.ktrdr.api.fuzz.RawHttp;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Thousands of requests made from the API's own document, half of them broken in body, path, query,
 * headers or framing. Each gets a documented answer, in time, that tells nothing of the inside; and
 * afterwards the API is as good as before. {@code -Dfuzz.seed} and {@code -Dfuzz.requests} repeat
 * or lengthen it.
 */
final class ApiFuzzIT {

  private static final long SEED = Long.getLong("fuzz.seed", 20_261_128L);
  private static final int REQUESTS = Integer.getInteger("fuzz.requests", 3_000);

  /** The rest is left out on a machine that is too slow for all of them. */
  private static final Duration TIME_MAX = Duration.ofMinutes(4);

  private static final int FINDINGS_SHOWN_MAX = 40;

  /** Threads of pools that grow with use. */
  private static final int THREADS_MORE_MAX = 40;

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String TRAINING =
      "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}";

  /** Classes, stack traces, SQL, folders, log-ins. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "io\\.ktrdr\\.|\\bjava\\.(lang|util|io|net|nio|sql)\\.|org\\.(postgresql|jdbi|eclipse)"
              + "|com\\.(fasterxml|rabbitmq|zaxxer)|\\.java:\\d|Exception\\b|\\b(PSQL|SQLState)"
              + "|(?i:select .{1,80} from |insert into )|(?i:<html)|guest:|postgres:|"
              + Pattern.quote(RepositoryRoot.find().toString()));

  @Test
  void everyRequestGetsADocumentedAnswerThatTellsNothingOfTheInside() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ApiFixture api =
            new ApiFixture(broker.amqpUrl(), RepositoryRoot.find().resolve("models"))) {
      FuzzRequests requests = new FuzzRequests(new Random(SEED), Contract.document(), filled(api));
      int threads = Thread.getAllStackTraces().size();
      Map<String, String> findings = fuzz(api, requests, broker.amqpUrl());
      assertThat(findings.values().stream().limit(FINDINGS_SHOWN_MAX))
          .as("%d kinds of findings, seed %d", findings.size(), SEED)
          .isEmpty();

      undrain(api);
      assertThat(api.post("/api/v1/trainings/start", TRAINING).status()).isEqualTo(202);
      await().atMost(SOON).until(() -> api.fetch("/readyz").body().path("reasons").isEmpty());
      await()
          .atMost(SOON)
          .until(() -> Thread.getAllStackTraces().size() <= threads + THREADS_MORE_MAX);
    } finally {
      root.detachAppender(log);
    }
    assertThat(List.copyOf(log.list).stream().filter(ApiFuzzIT::isDefect))
        .as("errors in the log, seed %d", SEED)
        .isEmpty();
  }

  /** An error in the log that is no news of a worker or an operation. */
  private static boolean isDefect(ILoggingEvent event) {
    return event.getLevel().isGreaterOrEqual(Level.ERROR)
        && (event.getThrowableProxy() != null
            || (!event.getMessage().startsWith("Worker marked unavailable")
                && !event.getMessage().startsWith("Operation failed")));
  }

  /** What was found, one of a kind. */
  private static Map<String, String> fuzz(ApiFixture api, FuzzRequests requests, String amqpUrl)
      throws IOException, InterruptedException {
    RawHttp http = new RawHttp(api.url("/").getPort());
    Map<String, String> findings = new TreeMap<>();
    Map<Integer, Integer> statuses = new TreeMap<>();
    long deadline = System.nanoTime() + TIME_MAX.toNanos();
    int sent = 0;
    while (sent < REQUESTS && System.nanoTime() < deadline) {
      Contract.Operation operation = Contract.all().get(sent % Contract.all().size());
      FuzzRequests.Request request =
          requests.of(
              operation.method(),
              operation.path(),
              requests.whole(operation.path(), operation.method()));
      sent++;
      try {
        RawHttp.Answer answer = http.send(request.bytes(), request.method().equals("HEAD"));
        statuses.merge(answer.status(), 1, Integer::sum);
        judge(api, operation, request, answer, amqpUrl);
      } catch (IOException | RuntimeException | AssertionError e) {
        String kind = operation.name() + " " + firstLine(e);
        findings.putIfAbsent(kind, kind + "\n  request " + sent + ": " + request + "\n");
      }
      if (sent % 25 == 0) {
        // Or nothing would be submitted after the first drain.
        undrain(api);
      }
    }
    System.out.printf("API fuzz: seed %d, %d requests, answers %s%n", SEED, sent, statuses);
    return findings;
  }

  private static void undrain(ApiFixture api) throws IOException, InterruptedException {
    for (String scope : List.of("{}", "{'type':'training'}", "{'type':'backtesting'}")) {
      assertThat(api.post("/api/v1/admin/undrain", scope.replace('\'', '"')).status())
          .isEqualTo(200);
    }
  }

  private static void judge(
      ApiFixture api,
      Contract.Operation operation,
      FuzzRequests.Request request,
      RawHttp.Answer answer,
      String amqpUrl) {
    assertThat(answer.status()).as("%s", shown(answer)).isNotEqualTo(500);
    boolean givesAddresses = operation.path().endsWith("/register") && answer.status() == 200;
    if (!givesAddresses) {
      assertThat(INSIDE.matcher(answer.text()).results().map(found -> found.group()))
          .as("told of the inside: %s", shown(answer))
          .isEmpty();
      assertThat(answer.text()).doesNotContain(amqpUrl);
    }
    assertThat(answer.headers()).doesNotContainKey("x-evil");
    if (!request.method().equals("HEAD")) {
      api.contract()
          .checkRaw(
              request.method(),
              request.path(),
              answer.status(),
              answer.header("content-type"),
              answer.body());
    }
  }

  private static String firstLine(Throwable e) {
    String text = String.valueOf(e.getMessage()).strip();
    return e.getClass().getSimpleName() + " " + text.substring(0, Math.min(400, text.length()));
  }

  private static String shown(RawHttp.Answer answer) {
    String text = answer.text();
    return answer.status() + " " + text.substring(0, Math.min(300, text.length()));
  }

  /** Puts something of everything into the API, and says what it is called. */
  private static Map<String, List<String>> filled(ApiFixture api)
      throws IOException, InterruptedException {
    List<String> operations = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      operations.add(
          api.post("/api/v1/trainings/start", TRAINING).body().path("operation_id").asText());
    }
    String instance = UUID.randomUUID().toString();
    api.post(
        "/api/v1/workers/register",
        """
        {"worker_id": "fuzzed", "worker_type": "training", "endpoint_url": "http://127.0.0.1:1",
         "instance_id": "%s"}
        """
            .formatted(instance));
    byte[] bytes = "kept".getBytes(StandardCharsets.UTF_8);
    api.put("/api/v1/artifacts/" + Sha256.of(bytes), bytes);
    Map<String, List<String>> known = new TreeMap<>();
    known.put("id", operations);
    known.put("worker_id", List.of("fuzzed", "unknown"));
    known.put("instance", List.of(instance));
    known.put("instance_id", List.of(instance));
    known.put("sha256", List.of(Sha256.of(bytes).hex(), Sha256.of(new byte[] {1}).hex()));
    known.put("model_path", List.of("neuro_mean_reversion/1d_v21"));
    known.put("strategy_name", List.of("neuro_mean_reversion"));
    for (String name : List.of("symbol", "symbols")) {
      known.put(name, List.of("EURUSD", "GBPUSD", "XXXYYY"));
    }
    for (String name : List.of("timeframe", "timeframes")) {
      known.put(name, List.of("1d", "1h"));
    }
    known.put("start_date", List.of("2023-01-01", "2024-01-01"));
    known.put("end_date", List.of("2024-06-30", "2024-12-31"));
    for (String name : List.of("type", "worker_type", "operation_type")) {
      known.put(name, List.of("training", "backtesting", "report"));
    }
    known.put("endpoint_url", List.of("http://127.0.0.1:1"));
    known.put("queue", List.of("operations.training"));
    known.put("status", List.of("pending", "AVAILABLE"));
    known.put("ids", operations);
    return known;
  }
}
