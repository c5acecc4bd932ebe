package io.ktrdr.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.Layout;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.PostgresConfig;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.ProcessLedger;
import io.ktrdr.standalone.ProcessSpec;
import io.ktrdr.standalone.RabbitConfig;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.standalone.Readiness;
import io.ktrdr.standalone.ServerRemains;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The system being measured: a private durable Postgres (fsync on), a private RabbitMQ, the real
 * API process and workers that do nothing, all below {@code .ktrdr/bench}. Not thread-safe.
 */
final class BenchSystem implements AutoCloseable {

  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final Duration LEFT_OVER_GRACE = Duration.ofSeconds(10);
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(30);
  private static final int WORKER_HEAP_MEGABYTES = 128;

  /** Below those the system gives to outgoing connections, of which many workers open many. */
  private static final int WORKER_PORT_FIRST = 21_000;

  /**
   * What to start.
   *
   * @param workers processes
   * @param slots workers in each, and so the operations it runs at a time
   * @param profile whether the JVMs record themselves and Postgres counts statements
   */
  record Shape(int workers, int slots, boolean profile) {}

  private final Layout layout;
  private final Path home;
  private final Shape shape;
  private final Map<String, String> apiSettings;
  private final ProcessLedger ledger;
  private final PostgresConfig postgresConfig;
  private final RabbitConfig rabbitConfig;
  private final Applications applications;
  private final int apiPort = TcpPorts.anyFree();
  private final List<OwnedProcess> workers = new ArrayList<>();
  private final PostgresServer postgres;
  private final RabbitServer rabbit;
  private OwnedProcess api;
  private int workersStarted;
  private int nextPort = WORKER_PORT_FIRST;

  BenchSystem(Path root, Shape shape, Progress progress) {
    this(root, shape, Map.of(), progress);
  }

  /**
   * @param prices folder of the price files the API offers
   */
  BenchSystem(Path root, Shape shape, Path prices, Progress progress) {
    this(root, shape, Map.of("KTRDR_DATA_DIR", prices.toString()), progress);
  }

  private BenchSystem(Path root, Shape shape, Map<String, String> apiSettings, Progress progress) {
    this.apiSettings = apiSettings;
    this.layout = new Layout(root);
    this.home = layout.home().resolve("bench");
    this.shape = shape;
    this.ledger = new ProcessLedger(home.resolve("processes.jsonl"));
    postgresConfig =
        new PostgresConfig(
            home.resolve("postgres"),
            layout.runtime(),
            logs().resolve("postgres.log"),
            true,
            ledger::start);
    rabbitConfig =
        new RabbitConfig(
            home.resolve("rabbitmq"),
            layout.runtime(),
            logs().resolve("rabbitmq.log"),
            STOP_GRACE,
            ledger::start,
            progress::say);
    applications =
        new Applications(layout, logs(), layout.root().resolve("models"), home.resolve("cache"));
    clearLeftOver();
    progress.say("Starting Postgres, RabbitMQ and the API");
    postgres = PostgresServer.start(postgresConfig);
    rabbit = RabbitServer.start(rabbitConfig);
    if (shape.profile()) {
      database().execute("alter system set shared_preload_libraries = 'pg_stat_statements'");
      database().execute("alter system set track_io_timing = on");
      postgres.restart();
      database().execute("create extension if not exists pg_stat_statements");
    }
    api = startApi();
  }

  private void clearLeftOver() {
    ledger.stopAll(LEFT_OVER_GRACE, _ -> {});
    ServerRemains.stop(postgresConfig, rabbitConfig);
    for (String folder : List.of("postgres", "rabbitmq", "logs", "profile")) {
      BenchFolder.delete(home.resolve(folder));
    }
  }

  Path logs() {
    return home.resolve("logs");
  }

  Path home() {
    return home;
  }

  Path profiles() {
    return home.resolve("profile");
  }

  Shape shape() {
    return shape;
  }

  int apiPort() {
    return apiPort;
  }

  BenchDatabase database() {
    return new BenchDatabase(postgres.access());
  }

  /** Starts the workers that are missing and returns when all are ready. */
  void startWorkers() {
    List<OwnedProcess> fresh = new ArrayList<>();
    List<List<Integer>> ports = new ArrayList<>();
    while (workers.size() < shape.workers()) {
      List<Integer> own = IntStream.range(nextPort, nextPort + shape.slots()).boxed().toList();
      nextPort += shape.slots();
      OwnedProcess worker = ledger.start(workerSpec(++workersStarted, own));
      workers.add(worker);
      fresh.add(worker);
      ports.add(own);
    }
    for (int i = 0; i < fresh.size(); i++) {
      OwnedProcess process = fresh.get(i);
      for (int slot = 1; slot <= shape.slots(); slot++) {
        String id = NoopWorkerMain.workerId(process.name(), slot);
        Readiness.awaitWorker(process, id, ports.get(i).get(slot - 1), apiUrl());
      }
    }
  }

  /** Starts a worker that really runs backtests and returns when it is ready. */
  void startBacktestWorker() {
    int port = nextPort++;
    OwnedProcess worker =
        ledger.start(applications.worker(WorkerKind.BACKTEST, ++workersStarted, apiUrl(), port));
    workers.add(worker);
    Readiness.awaitWorker(worker, port, apiUrl());
  }

  /** Starts a worker that measures itself and returns when it is ready. */
  void startWatchedWorker() {
    int port = nextPort++;
    ProcessSpec spec =
        applications.worker(
            WorkerKind.BACKTEST,
            "watched-worker",
            layout.root().resolve("benchmarks/target/classes"),
            WatchedWorkerMain.class.getName(),
            apiUrl(),
            port);
    OwnedProcess worker =
        ledger.start(
            spec.with(
                Map.of(
                    "KTRDR_WORKER_CHECKPOINT_SECONDS",
                    Long.toString(WatchedRun.CHECKPOINT_INTERVAL.toSeconds()))));
    workers.add(worker);
    Readiness.awaitWorker(worker, port, apiUrl());
  }

  /** Stops all workers in good order. */
  void stopWorkers() {
    stopWorkers(0);
  }

  /**
   * Stops workers in good order.
   *
   * @param kept processes that stay
   */
  void stopWorkers(int kept) {
    List<OwnedProcess> going = List.copyOf(workers.subList(kept, workers.size()));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      going.forEach(worker -> threads.execute(() -> worker.stop(STOP_GRACE)));
    }
    workers.removeAll(going);
  }

  /** Processes of the workers. */
  Set<Long> workerPids() {
    return workers.stream().map(OwnedProcess::pid).collect(Collectors.toSet());
  }

  /** Kills (SIGKILL) the worker of that id. */
  void killWorker(String id) {
    OwnedProcess worker =
        workers.stream()
            .filter(process -> id.startsWith(process.name()))
            .max((a, b) -> Integer.compare(a.name().length(), b.name().length()))
            .orElseThrow(() -> new IllegalStateException("no worker " + id));
    workers.remove(worker);
    worker.kill();
  }

  /** Kills the API (SIGKILL), starts it again and returns when it answers. */
  void killAndRestartApi() {
    api.kill();
    api = startApi();
  }

  /** Empties the queue of operations, whose rows the caller is about to delete. */
  void purgeQueue() {
    manage(
        "DELETE", "/api/queues/%2F/" + Topology.queueOf(OperationType.BACKTESTING) + "/contents");
  }

  /** Version of the broker and of what it runs on. */
  String brokerVersion() {
    try {
      JsonNode overview = Json.mapper().readTree(manage("GET", "/api/overview"));
      return "%s (Erlang %s)"
          .formatted(
              overview.path("rabbitmq_version").asText(), overview.path("erlang_version").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String manage(String method, String path) {
    BrokerAccess access = rabbit.access();
    String login = access.user() + ":" + access.password();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(access.managementUrl() + path))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(REQUEST_LIMIT)
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException("%s %s: %s".formatted(method, path, answer.body()));
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** CPU time so far of everything that belongs to it, by name; workers together. */
  Map<String, Duration> cpu() {
    Map<String, Duration> used = new LinkedHashMap<>();
    used.put("api", CpuTime.ofTree(api.pid()));
    used.put("postgres", CpuTime.ofTree(postgres.process().pid()));
    used.put("rabbitmq", CpuTime.ofTree(rabbit.process().pid()));
    used.put(
        "workers",
        workers.stream().map(w -> CpuTime.ofTree(w.pid())).reduce(Duration.ZERO, Duration::plus));
    used.put("load generator", CpuTime.ofTree(ProcessHandle.current().pid()));
    return used;
  }

  private String apiUrl() {
    return "http://127.0.0.1:" + apiPort;
  }

  private OwnedProcess startApi() {
    ProcessSpec spec =
        applications.api(postgres.access(), rabbit.access(), apiPort).with(apiSettings);
    OwnedProcess process = ledger.start(shape.profile() ? recorded(spec) : spec);
    Readiness.awaitApi(process, apiUrl());
    return process;
  }

  private ProcessSpec workerSpec(int number, List<Integer> ports) {
    String id = "noop-worker-" + number;
    String marker = "-Dktrdr.process=" + logs().resolve(id);
    Path target = layout.root().resolve("benchmarks/target");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                marker,
                "-Xmx" + WORKER_HEAP_MEGABYTES + "m",
                "-XX:+UseSerialGC",
                "-cp",
                target + "/*:" + target + "/lib/*",
                NoopWorkerMain.class.getName()));
    ports.forEach(port -> command.add(Integer.toString(port)));
    ProcessSpec spec =
        new ProcessSpec(
            id,
            command,
            Map.of(
                "KTRDR_API_URL",
                apiUrl(),
                "WORKER_ID",
                id,
                "KTRDR_CACHE_DIR",
                home.resolve("cache").toString(),
                "KTRDR_WORKER_STOP_GRACE_SECONDS",
                "2"),
            List.of("DATABASE_URL", "RABBITMQ_URL", "WORKER_"),
            layout.root(),
            logs().resolve(id + ".log"),
            "TERM",
            marker);
    return shape.profile() && number == 1 ? recorded(spec) : spec;
  }

  /** The same JVM with a flight recording, written when it stops. */
  private ProcessSpec recorded(ProcessSpec spec) {
    Path file = profiles().resolve(spec.name() + ".jfr");
    BenchFolder.create(profiles());
    List<String> command = new ArrayList<>(spec.command());
    command.add(1, "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + file);
    return new ProcessSpec(
        spec.name(),
        command,
        spec.environment(),
        spec.withoutPrefixes(),
        spec.directory(),
        spec.log(),
        spec.stopSignal(),
        spec.marker());
  }

  @Override
  public void close() {
    stopWorkers();
    api.stop(STOP_GRACE);
    rabbit.close();
    postgres.close();
    ledger.clear();
  }
}
