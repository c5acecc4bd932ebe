package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.WorkerKind;
import io.ktrdr.system.fault.Http.Answer;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The API on one host, workers on two others that share nothing with it but a network. Each
 * scenario starts its workers, ends them, and leaves a system in which every invariant holds.
 */
final class ManyHosts implements AutoCloseable {

  private static final Duration TRAINING_LIMIT = Duration.ofMinutes(4);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(100);

  /** From the cut until the operation runs elsewhere: a lease, a sweep, and a busy machine. */
  private static final Duration ELSEWHERE_WITHIN = Duration.ofSeconds(32);

  /** On each way. */
  private static final Duration LATENCY = Duration.ofMillis(100);

  private static final double LOSS = 0.01;

  /** Half a minute: longer than a worker takes to start, shorter than any cut. */
  private static final int STEPS_CUT = 1200;

  /** Longer than it takes to start a worker, drop all connections and hand operations out again. */
  private static final int STEPS_DROPPED = 1200;

  private static final int PORT_OF_NOBODY = 5999;
  private static final int FAILURES_MAX = 3;
  private static final Set<String> PRESENT = Set.of("AVAILABLE", "BUSY");

  private final HostNetwork network = new HostNetwork();
  private final FaultSystem system =
      FaultSystem.start(SystemPlan.apiOnly().withAddress(HostNetwork.API_ADDRESS), 0);
  private final Host b = network.host(2, system.processes().logs());
  private final Host c = network.host(3, system.processes().logs());

  /**
   * Trains a model on one host and backtests it on the other.
   *
   * @return how long both took
   */
  Duration realWork() throws IOException {
    OwnedProcess trainer = system.processes().launchWorker(WorkerKind.TRAINING, b::elsewhere);
    OwnedProcess backtester = system.processes().launchWorker(WorkerKind.BACKTEST, c::elsewhere);
    awaitPresent(trainer, b);
    awaitPresent(backtester, c);
    long begun = System.nanoTime();
    String version = train(trainer);
    assertThat(system.http().get("/api/v1/models").body().findValuesAsText("model_version"))
        .contains(version);

    JsonNode backtest =
        run(
            FaultSystem.SUBMIT,
            """
            {"model_path": "%s", "symbol": "EURUSD", "timeframe": "1d",
             "start_date": "2023-01-01", "end_date": "2024-12-31"}
            """
                .formatted(version),
            backtester);
    Duration took = since(begun);
    assertThat(backtest.path("result").path("model_version").asText()).isEqualTo(version);
    assertThat(
            system.rows(
                "select name from operation_artifacts where operation_id = '%s'"
                    .formatted(backtest.path("operation_id").asText())))
        .as("what came back")
        .hasSize(2);
    assertThat(cached(b)).as("prices").isNotEmpty();
    assertThat(cached(c)).as("prices and model").hasSizeGreaterThanOrEqualTo(2);
    rest(trainer, backtester);
    return took;
  }

  /**
   * Cuts the link of a host whose worker is in the middle of an operation, for that long.
   *
   * @return from the mending until its worker is as before
   */
  Duration cut(Duration length) {
    OwnedProcess onB = launch(b, Map.of());
    awaitPresent(onB, b);
    String id = system.submit(Script.STEPS, STEPS_CUT);
    assertThat(system.awaitRunning(id).name()).isEqualTo(onB.name());
    OwnedProcess onC = launch(c, Map.of());
    awaitPresent(onC, c);
    String registered = worker(onB.name()).path("registered_at").asText();
    system.mayUseUp(1);

    b.cut();
    try {
      lastingCut(length, id, onB, onC);
    } finally {
      b.mend();
    }
    long mended = System.nanoTime();
    awaitPresent(onB, b);
    Duration healed = since(mended);

    assertThat(onB.isAlive()).isTrue();
    assertThat(worker(onB.name()).path("registered_at").asText()).isEqualTo(registered);
    system.hurry(id);
    endedElsewhere(id, onC);
    bothTakePart(system.submit(Script.STEPS, 120, 2), onB, onC);
    rest(onB, onC);
    return healed;
  }

  /** What is seen of a cut from the API's host while it lasts. */
  private void lastingCut(Duration length, String id, OwnedProcess away, OwnedProcess present) {
    long begun = System.nanoTime();
    Set<Integer> failures = new TreeSet<>();
    await("running elsewhere")
        .atMost(ELSEWHERE_WITHIN)
        .pollInterval(POLL)
        .until(() -> {
          failures.add(truthfulFailures(away));
          return system.status(id).equals("running")
              && system.operation(id).path("worker_id").asText().equals(present.name());
        });
    await("end of the cut")
        .atMost(length.plus(FaultSystem.PATIENCE))
        .pollInterval(POLL)
        .until(() -> {
          failures.add(truthfulFailures(away));
          assertThat(worker(present.name()).path("status").asText()).isIn(PRESENT);
          return since(begun).compareTo(length) >= 0;
        });
    assertThat(failures).as("failures shown").containsExactly(0, 1, 2, FAILURES_MAX);
  }

  private void endedElsewhere(String id, OwnedProcess worker) {
    JsonNode ended = system.awaitEnd(id);
    assertThat(ended.path("status").asText()).isEqualTo("completed");
    assertThat(ended.path("worker_id").asText()).isEqualTo(worker.name());
    assertThat(ended.path("result").path("state").asText())
        .isEqualTo(ScriptedWorker.stateAfter(STEPS_CUT));
    assertThat(system.attempts(id)).containsExactly("1|lost", "2|completed");
    await("late result")
        .atMost(FaultSystem.PATIENCE)
        .until(() ->
            system
                .rows("select type from operation_events where operation_id = '%s'".formatted(id))
                .contains("result.discarded"));
  }

  /**
   * Everything between the hosts is slow and loses packets, from the registration on.
   *
   * @return how long a dozen operations and a training took
   */
  Duration slowAndLossy() throws IOException {
    URI api = URI.create(system.processes().apiUrl());
    try (TcpProxy toApi = TcpProxy.on(HostNetwork.API_ADDRESS, api.getHost(), api.getPort())) {
      List<TcpProxy> ways =
          List.of(toApi, system.processes().databaseProxy(), system.processes().brokerProxy());
      ways.forEach(way -> way.slow(LATENCY));
      network.lose(LOSS);
      try {
        return workFarAway(
            Map.of(
                "KTRDR_API_URL", "http://%s:%d".formatted(HostNetwork.API_ADDRESS, toApi.port())));
      } finally {
        network.loseNothing();
        ways.forEach(TcpProxy::resume);
      }
    }
  }

  private Duration workFarAway(Map<String, String> farApi) throws IOException {
    OwnedProcess onB = launch(b, farApi);
    OwnedProcess onC = launch(c, farApi);
    OwnedProcess trainer =
        system
            .processes()
            .launchWorker(WorkerKind.TRAINING, spec -> b.elsewhere(spec.with(farApi)));
    awaitPresent(onB, b);
    awaitPresent(onC, c);
    awaitPresent(trainer, b);
    long begun = System.nanoTime();
    List<String> ids = system.submit(Script.STEPS, 40, 12);
    assertThat(train(trainer)).isNotEmpty();
    bothTakePart(ids, onB, onC);
    Duration took = since(begun);
    for (OwnedProcess worker : List.of(onB, onC, trainer)) {
      assertThat(truthfulFailures(worker)).as("failures of %s", worker.name()).isLessThan(2);
    }
    rest(onB, onC, trainer);
    return took;
  }

  /**
   * Two workers of one host, one of them registered under an address at which nobody answers, as
   * behind NAT; in the middle of their operations the broker drops every connection, and a third
   * worker elsewhere is handed both.
   *
   * @return from that until both have ended
   */
  Duration behindNat() {
    String nobody = "http://%s:%d".formatted(b.address(), PORT_OF_NOBODY);
    OwnedProcess plain = launch(b, Map.of());
    awaitPresent(plain, b);
    OwnedProcess hidden = launch(b, Map.of("WORKER_ENDPOINT_URL", nobody));
    await("presence of " + hidden.name())
        .atMost(FaultSystem.PATIENCE)
        .pollInterval(POLL)
        .until(() -> worker(hidden.name()).path("metadata").path("subscribed").asBoolean());
    assertThat(worker(hidden.name()).path("endpoint_url").asText()).isEqualTo(nobody);
    List<String> ids = system.submit(Script.STEPS, STEPS_DROPPED, 2);
    ids.forEach(system::awaitRunning);
    OwnedProcess onC = launch(c, Map.of());
    awaitPresent(onC, c);

    system.processes().brokerProxy().reset();
    long dropped = System.nanoTime();
    bothTakePart(ids, plain, hidden);
    Duration took = since(dropped);
    rest(plain, hidden, onC);
    return took;
  }

  private OwnedProcess launch(Host host, Map<String, String> environment) {
    return system
        .processes()
        .launchWorker(FaultSystem.SCRIPTED, spec -> host.elsewhere(spec.with(environment)));
  }

  /** The version of a small model that this worker trains. */
  private String train(OwnedProcess trainer) throws IOException {
    return run(
            "/api/v1/trainings/start",
            """
            {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
             "start_date": "2018-01-01", "end_date": "2020-12-31", "seed": 7}
            """,
            trainer)
        .path("result")
        .path("model_version")
        .asText();
  }

  /** The operation once that worker, and only it, has completed it. */
  private JsonNode run(String path, String body, OwnedProcess worker) throws IOException {
    Answer answer = system.http().post(path, body);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
    String id = system.accept(answer);
    await("end of " + id).atMost(TRAINING_LIMIT).pollInterval(POLL).until(() -> system.ended(id));
    JsonNode ended = system.operation(id);
    assertThat(ended.path("status").asText())
        .as("%s", ended.toPrettyString())
        .isEqualTo("completed");
    assertThat(ended.path("worker_id").asText()).isEqualTo(worker.name());
    assertThat(system.attempts(id)).containsExactly("1|completed");
    return ended;
  }

  private void bothTakePart(List<String> ids, OwnedProcess... workers) {
    Set<String> took = new TreeSet<>();
    for (String id : ids) {
      JsonNode ended = system.awaitEnd(id);
      assertThat(ended.path("status").asText()).isEqualTo("completed");
      assertThat(system.attempts(id)).containsExactly("1|completed");
      took.add(ended.path("worker_id").asText());
    }
    assertThat(took)
        .containsExactlyInAnyOrder(
            Stream.of(workers).map(OwnedProcess::name).toArray(String[]::new));
  }

  /** Listed under its host's address, idle, subscribed, and answering there. */
  private void awaitPresent(OwnedProcess process, Host host) {
    await("presence of " + process.name())
        .atMost(FaultSystem.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL)
        .until(() -> {
          assertThat(process.isAlive()).as("%s", process.logTail(20)).isTrue();
          JsonNode worker = worker(process.name());
          return worker.path("status").asText().equals("AVAILABLE")
              && worker.path("health_check_failures").asInt(-1) == 0
              && worker.path("metadata").path("subscribed").asBoolean();
        });
    String endpoint = worker(process.name()).path("endpoint_url").asText();
    assertThat(URI.create(endpoint).getHost()).isEqualTo(host.address());
    try {
      assertThat(new Http(endpoint).get("/health").body().path("worker_id").asText())
          .isEqualTo(process.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its failed checks, when all that the registry says of it agrees with them. */
  private int truthfulFailures(OwnedProcess process) {
    JsonNode worker = worker(process.name());
    int failures = worker.path("health_check_failures").asInt(-1);
    JsonNode metadata = worker.path("metadata");
    if (failures < FAILURES_MAX) {
      assertThat(worker.path("status").asText()).as("%s", worker).isIn(PRESENT);
      assertThat(metadata.path("unavailable_since").asText("null")).isEqualTo("null");
    } else {
      assertThat(worker.path("status").asText()).isEqualTo("TEMPORARILY_UNAVAILABLE");
      assertThat(metadata.path("unavailable_since").asText()).startsWith("20");
      assertThat(metadata.path("removal_at").asText()).startsWith("20");
    }
    return failures;
  }

  private JsonNode worker(String id) {
    try {
      for (JsonNode worker : system.http().get("/api/v1/workers").body()) {
        if (worker.path("worker_id").asText().equals(id)) {
          return worker;
        }
      }
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Artifacts that a host keeps, each with the digest of its name. */
  private static List<Path> cached(Host host) throws IOException {
    List<Path> artifacts = new ArrayList<>();
    try (Stream<Path> files = Files.list(host.artifacts())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Sha256.of(Files.readAllBytes(file)).hex())
            .isEqualTo(String.valueOf(file.getFileName()));
        artifacts.add(file);
      }
    }
    return artifacts;
  }

  private void rest(OwnedProcess... workers) {
    for (OwnedProcess worker : workers) {
      assertThat(worker.stop(STOP_GRACE)).as("%s stopped by itself", worker.name()).isTrue();
    }
    system.checkAtRest();
  }

  /** After a scenario that failed: the next begins without its workers. */
  void stopWorkers() {
    system.liveWorkers().forEach(worker -> worker.stop(STOP_GRACE));
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }

  /** Ends the processes, then the hosts they ran on. */
  @Override
  public void close() {
    system.close();
    network.close();
  }
}
