package io.ktrdr.testkit;

import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.ProcessLedger;
import io.ktrdr.standalone.Readiness;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real API and real workers, as processes from the modules' {@code target/} folders, on a fresh
 * database and virtual host. Each worker can be killed, frozen and replaced. Not thread-safe.
 */
public final class TestSystem implements AutoCloseable {

  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final ProcessLedger ledger = TestRun.current().ledger();
  private final DatabaseAccess database = TestPostgres.emptyDatabase();
  private final TestVirtualHost broker = TestBroker.freshVirtualHost();
  private final Applications applications;
  private final Path folder;
  private final int apiPort = TcpPorts.anyFree();
  private final Map<String, String> workerEnvironment;
  private final Map<WorkerKind, List<OwnedProcess>> workers = new EnumMap<>(WorkerKind.class);
  private OwnedProcess api;

  private TestSystem(Map<String, String> workerEnvironment) {
    this.workerEnvironment = Map.copyOf(workerEnvironment);
    TestRun run = TestRun.current();
    folder = run.folder().resolve("system-" + COUNTER.incrementAndGet());
    applications =
        new Applications(
            run.layout(),
            folder.resolve("logs"),
            run.layout().root().resolve("models"),
            run.layout().cache());
    for (WorkerKind kind : WorkerKind.values()) {
      workers.put(kind, new ArrayList<>());
    }
    api = launchApi();
  }

  /** Starts the API and that many workers and returns when all are ready. */
  public static TestSystem start(int backtestWorkers, int trainingWorkers) {
    return start(backtestWorkers, trainingWorkers, Map.of());
  }

  /**
   * As {@link #start(int, int)}.
   *
   * @param workerEnvironment variables every worker gets besides its own
   */
  public static TestSystem start(
      int backtestWorkers, int trainingWorkers, Map<String, String> workerEnvironment) {
    TestSystem system = TestRun.current().closeAtEnd(new TestSystem(workerEnvironment));
    try {
      Readiness.awaitApi(system.api, system.apiUrl());
      system.startWorkers(WorkerKind.BACKTEST, backtestWorkers);
      system.startWorkers(WorkerKind.TRAINING, trainingWorkers);
      return system;
    } catch (RuntimeException e) {
      system.close();
      throw e;
    }
  }

  /** Base URL of the API, no trailing slash. */
  public String apiUrl() {
    return "http://127.0.0.1:" + apiPort;
  }

  /** The API's database, migrated by the API itself. */
  public DatabaseAccess database() {
    return database;
  }

  /** The system's virtual host. */
  public TestVirtualHost broker() {
    return broker;
  }

  /** The API's process. */
  public OwnedProcess api() {
    return api;
  }

  /** The worker processes of a kind, in the order of their numbers, dead ones included. */
  public List<OwnedProcess> workers(WorkerKind kind) {
    return List.copyOf(workersOf(kind));
  }

  /** The worker of that id, such as {@code backtest-worker-2}. */
  public OwnedProcess worker(String id) {
    return workers.values().stream()
        .flatMap(List::stream)
        .filter(process -> process.name().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no worker " + id));
  }

  /** Starts more workers of a kind, at once, and returns when all are ready. */
  public List<OwnedProcess> startWorkers(WorkerKind kind, int count) {
    List<OwnedProcess> started = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int port = TcpPorts.anyFree();
      int number = workersOf(kind).size() + 1;
      OwnedProcess process =
          ledger.start(applications.worker(kind, number, apiUrl(), port).with(workerEnvironment));
      workersOf(kind).add(process);
      started.add(process);
      ports.add(port);
    }
    for (int i = 0; i < count; i++) {
      Readiness.awaitWorker(started.get(i), ports.get(i), apiUrl());
    }
    return List.copyOf(started);
  }

  /** Starts the API again after it was stopped or killed, on the same port, and awaits it. */
  public void restartApi() {
    api.stop(STOP_GRACE);
    api = launchApi();
    Readiness.awaitApi(api, apiUrl());
  }

  /** Folder with {@code api.log}, {@code backtest-worker-1.log}, …; gone when the JVM ends. */
  public Path logs() {
    return applications.logs();
  }

  /** Stops workers, then the API, and deletes the virtual host. Does nothing the second time. */
  @Override
  public void close() {
    List<OwnedProcess> newestFirst =
        new ArrayList<>(workers.values().stream().flatMap(List::stream).toList());
    Collections.reverse(newestFirst);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      newestFirst.forEach(process -> threads.execute(() -> process.stop(STOP_GRACE)));
    }
    api.stop(STOP_GRACE);
    broker.close();
  }

  private OwnedProcess launchApi() {
    return ledger.start(applications.api(database, broker.access(), apiPort));
  }

  private List<OwnedProcess> workersOf(WorkerKind kind) {
    return workers.computeIfAbsent(kind, _ -> new ArrayList<>());
  }
}
