package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.system.fault.Http.Answer;
import io.ktrdr.testkit.GivenServers;
import io.ktrdr.testkit.InvariantChecker;
import io.ktrdr.testkit.InvariantChecker.Expected;
import io.ktrdr.testkit.InvariantChecker.Surroundings;
import io.ktrdr.testkit.InvariantChecker.Violation;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import io.ktrdr.testkit.WorkerProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A system under faults: submits scripted operations, remembers what was accepted and how many
 * attempts the faults so far may have used up, and checks every invariant when all is quiet.
 */
final class FaultSystem implements AutoCloseable {

  static final WorkerProgram SCRIPTED =
      new WorkerProgram(
          "scripted-worker",
          RepositoryRoot.find().resolve("system-tests/target/test-classes"),
          ScriptedWorker.class.getName());

  static final String SUBMIT = "/api/v1/backtests/start";
  static final String QUEUE = "operations.backtesting";

  /** Everything a test waits for without promising when. */
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration POLL = Duration.ofMillis(25);
  private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

  /** A Monday with enough bars before it for the model to warm up, or the submit is refused. */
  private static final LocalDate FIRST_DAY = LocalDate.of(2015, 3, 2);

  private final TestSystem processes;
  private final Http http;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private int attemptsAtMost;
  private int parkedByHand;

  private FaultSystem(TestSystem processes) {
    this.processes = processes;
    this.http = new Http(processes.apiUrl());
  }

  /** The plan's processes and that many scripted workers. */
  static FaultSystem start(SystemPlan plan, int scriptedWorkers) {
    FaultSystem system = new FaultSystem(TestSystem.start(plan));
    system.startWorkers(scriptedWorkers);
    return system;
  }

  /** As {@link #start(SystemPlan, int)}, on these servers. */
  static FaultSystem start(SystemPlan plan, GivenServers servers, int scriptedWorkers) {
    FaultSystem system = new FaultSystem(TestSystem.start(plan, servers));
    system.startWorkers(scriptedWorkers);
    return system;
  }

  TestSystem processes() {
    return processes;
  }

  Http http() {
    return http;
  }

  List<OwnedProcess> startWorkers(int count) {
    return startWorkers(count, Map.of());
  }

  List<OwnedProcess> startWorkers(int count, Map<String, String> environment) {
    return processes.startWorkers(SCRIPTED, count, environment);
  }

  /** Scripted workers that are alive. */
  List<OwnedProcess> liveWorkers() {
    return processes.allWorkers().stream().filter(OwnedProcess::isAlive).toList();
  }

  /** The fault just injected may use up that many attempts. */
  void mayUseUp(int attempts) {
    attemptsAtMost += attempts;
  }

  /** The test just caused that many dead letters that belong to no failed operation. */
  void parksByHand(int letters) {
    parkedByHand += letters;
  }

  /** Body of a scripted operation of that many steps. */
  static String body(Script script, int steps) {
    return """
    {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD", "timeframe": "1d",
     "start_date": "%s", "end_date": "%s", "initial_capital": %d}
    """
        .formatted(FIRST_DAY, FIRST_DAY.plusDays(steps), script.capital());
  }

  /** The database was taken back to before these were accepted. */
  void forget(Collection<String> ids) {
    accepted.removeAll(Set.copyOf(ids));
  }

  /** Submits and returns the id; anything but 202 is a failure. */
  String submit(Script script, int steps) {
    return submit(body(script, steps));
  }

  /**
   * As {@link #submit(Script, int)}, with limits of its own.
   *
   * @param timeouts JSON of the request's field of that name
   */
  String submit(Script script, int steps, String timeouts) {
    String body = body(script, steps).strip();
    return submit(body.substring(0, body.length() - 1) + ", \"timeouts\": " + timeouts + "}");
  }

  private String submit(String body) {
    try {
      Answer answer = http.post(SUBMIT, body);
      assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
      return accept(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Remembers an operation that was accepted otherwise, and returns its id. */
  String accept(Answer answer) {
    String id = answer.body().path("operation_id").asText();
    accepted.add(id);
    return id;
  }

  List<String> submit(Script script, int steps, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(submit(script, steps));
    }
    return ids;
  }

  JsonNode operation(String id) {
    try {
      return http.get("/api/v1/operations/" + id).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String status(String id) {
    return operation(id).path("status").asText();
  }

  boolean ended(String id) {
    return ENDED.contains(status(id));
  }

  /** Waits until it runs and has done something, and returns the process that runs it. */
  OwnedProcess awaitRunning(String id) {
    await("progress of " + id)
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .until(() ->
            operation(id).path("progress").path("percentage").asDouble() > 0
                && status(id).equals("running"));
    return processes.worker(operation(id).path("worker_id").asText());
  }

  /** Waits until it has ended and returns its last state. */
  JsonNode awaitEnd(String id) {
    await("end of " + id)
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptions()
        .until(() -> ended(id));
    return operation(id);
  }

  /**
   * Lets what is left of an operation's steps take no time, in every attempt: for when all that
   * needed it to be running has been seen.
   */
  void hurry(String id) {
    try {
      Path _ = Files.writeString(processes.logs().resolve(ScriptedWorker.hurryFile(id)), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows of a query, each as its columns' text joined by a bar. */
  List<String> rows(String sql) {
    try (Connection connection = processes.database().connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> columns = new ArrayList<>();
        for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
          columns.add(String.valueOf(result.getString(c)));
        }
        rows.add(String.join("|", columns));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Changes rows, as an operator with psql can. */
  int execute(String sql) {
    try (Connection connection = processes.database().connect();
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Attempts of an operation, oldest first, as {@code attempt|outcome}. */
  List<String> attempts(String id) {
    return rows(
        "select attempt, coalesce(outcome, 'open') from runs where operation_id = '%s' order by attempt"
            .formatted(id));
  }

  /** Puts a message into the queue of scripted operations, past the API. */
  void putIntoQueue(String body) {
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(new BrokerConnector(processes.broker().amqpUrl(), "by hand"))) {
      OutgoingMessage message =
          new OutgoingMessage(
              Topology.OPERATIONS_EXCHANGE,
              OperationType.BACKTESTING.wireName(),
              "by hand",
              Map.of(),
              body.getBytes(StandardCharsets.UTF_8));
      assertThat(publisher.publish(List.of(message)))
          .allMatch(PublishOutcome.Confirmed.class::isInstance);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Dead letters of scripted operations; counted by looking, as statistics lag seconds behind. */
  int parked() {
    return processes.broker().peek(QUEUE + ".dead", 100).size();
  }

  /** Waits until everything accepted has ended and every invariant holds. */
  void checkAtRest() {
    await("end of all operations")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> unended().isEmpty());
    InvariantChecker checker =
        new InvariantChecker(
            processes.database(), new Surroundings(processes.broker(), processes.apiUrl()));
    Set<String> live = new TreeSet<>();
    liveWorkers().forEach(worker -> live.add(worker.name()));
    Expected expected = new Expected(accepted, attemptsAtMost, live, parkedByHand);
    AtomicReference<List<Violation>> last = new AtomicReference<>(Collections.emptyList());
    try {
      await("invariants")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(250))
          .until(() -> {
            last.set(checker.check(expected));
            return last.get().isEmpty();
          });
    } catch (org.awaitility.core.ConditionTimeoutException broken) {
      throw new AssertionError("invariants do not hold: " + last.get(), broken);
    }
  }

  private List<String> unended() {
    return rows(
        "select id from operations where status not in ('completed', 'failed', 'cancelled')");
  }

  @Override
  public void close() {
    processes.close();
  }
}
