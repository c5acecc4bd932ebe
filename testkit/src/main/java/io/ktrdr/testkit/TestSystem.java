package io.ktrdr.testkit;

import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.ProcessLedger;
import io.ktrdr.standalone.ProcessSpec;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.standalone.Readiness;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * The real API and real workers, as processes from the modules' {@code target/} folders, on a fresh
 * database and virtual host, or on servers of its own. Each process can be killed, frozen and
 * replaced. Not thread-safe.
 */
public final class TestSystem implements AutoCloseable {

  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final ProcessLedger ledger = TestRun.current().ledger();
  private final SystemPlan plan;
  private final SystemServers servers;
  private final Applications applications;
  private final List<ApiReplica> replicas = new ArrayList<>();
  private final Map<String, List<WorkerProgram.Started>> workers = new HashMap<>();

  /** One API process; its port outlives it. */
  private static final class ApiReplica {
    private final int port = TcpPorts.anyFree();
    private final String url;
    private OwnedProcess process;

    ApiReplica(TestSystem system) {
      url = "http://" + system.plan.address() + ":" + port;
      process = system.launchApi(port);
    }
  }

  private TestSystem(SystemPlan plan, SystemServers servers) {
    this.plan = plan;
    this.servers = servers;
    applications = TestRun.current().applications("system-" + COUNTER.incrementAndGet());
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
    SystemPlan plan = SystemPlan.apiOnly().withWorkers(backtestWorkers, trainingWorkers);
    for (Map.Entry<String, String> variable : workerEnvironment.entrySet()) {
      plan = plan.withWorkerVariable(variable.getKey(), variable.getValue());
    }
    return start(plan);
  }

  /** Starts what the plan says and returns when all is ready. */
  public static TestSystem start(SystemPlan plan) {
    return start(new TestSystem(plan, SystemServers.of(plan)));
  }

  /**
   * As {@link #start(SystemPlan)}, on these servers.
   *
   * @param plan has no servers of its own
   */
  public static TestSystem start(SystemPlan plan, GivenServers servers) {
    return start(new TestSystem(plan, SystemServers.of(plan, servers)));
  }

  private static TestSystem start(TestSystem unstarted) {
    TestRun.current().prepareStarts();
    TestSystem system = TestRun.current().closeAtEnd(unstarted);
    SystemPlan plan = system.plan;
    try {
      system.startReplica();
      system.startWorkers(WorkerKind.BACKTEST, plan.backtestWorkers());
      system.startWorkers(WorkerKind.TRAINING, plan.trainingWorkers());
      return system;
    } catch (RuntimeException e) {
      system.close();
      throw e;
    }
  }

  /** Base URL of the first API, no trailing slash. */
  public String apiUrl() {
    return apiUrl(0);
  }

  /** Base URL of an API process, counted from 0, no trailing slash. */
  public String apiUrl(int replica) {
    return replicas.get(replica).url;
  }

  /** The API's database, migrated by the API itself. */
  public DatabaseAccess database() {
    return servers.database();
  }

  /** The system's virtual host. */
  public TestVirtualHost broker() {
    return servers.broker();
  }

  /**
   * The Postgres of this system alone.
   *
   * @throws IllegalStateException when the plan has none
   */
  public PostgresServer ownDatabase() {
    return servers.ownDatabase();
  }

  /**
   * The RabbitMQ of this system alone.
   *
   * @throws IllegalStateException when the plan has none
   */
  public RabbitServer ownBroker() {
    return servers.ownBroker();
  }

  /** Between the API, or workers on other hosts, and Postgres, if the plan says so. */
  public TcpProxy databaseProxy() {
    return servers.databaseProxy();
  }

  /** Between the API, or workers on other hosts, and RabbitMQ, if the plan says so. */
  public TcpProxy brokerProxy() {
    return servers.brokerProxy();
  }

  /** A further proxy in front of Postgres. */
  public TcpProxy newDatabaseProxy() {
    return servers.newDatabaseProxy();
  }

  /** A further proxy in front of RabbitMQ. */
  public TcpProxy newBrokerProxy() {
    return servers.newBrokerProxy();
  }

  /** The first API's process. */
  public OwnedProcess api() {
    return api(0);
  }

  /** An API process, counted from 0. */
  public OwnedProcess api(int replica) {
    return replicas.get(replica).process;
  }

  /**
   * Starts one more API process on the same database and broker and awaits it.
   *
   * @return its number
   */
  public int startReplica() {
    ApiReplica replica = new ApiReplica(this);
    replicas.add(replica);
    Readiness.awaitApi(replica.process, replica.url);
    return replicas.size() - 1;
  }

  /** Starts the API again after it was stopped or killed, on the same port, and awaits it. */
  public void restartApi() {
    restartApi(0);
  }

  /** As {@link #restartApi()}, of one of several. */
  public void restartApi(int number) {
    relaunchApi(number);
    Readiness.awaitApi(replicas.get(number).process, replicas.get(number).url);
  }

  /** As {@link #restartApi(int)}, without waiting for it to be ready. */
  public void relaunchApi(int number) {
    ApiReplica replica = replicas.get(number);
    replica.process.stop(STOP_GRACE);
    replica.process = launchApi(replica.port);
  }

  /** The worker processes of a kind, in the order of their numbers, dead ones included. */
  public List<OwnedProcess> workers(WorkerKind kind) {
    return workers(kind.service());
  }

  /** The worker processes of a service, in the order of their numbers, dead ones included. */
  public List<OwnedProcess> workers(String service) {
    return workersOf(service).stream().map(WorkerProgram.Started::process).toList();
  }

  /** The worker of that id, such as {@code backtest-worker-2}. */
  public OwnedProcess worker(String id) {
    return allWorkers().stream()
        .filter(process -> process.name().equals(id))
        .reduce((_, newest) -> newest)
        .orElseThrow(() -> new IllegalArgumentException("no worker " + id));
  }

  /** Every worker process ever started, dead ones included. */
  public List<OwnedProcess> allWorkers() {
    return workers.values().stream()
        .flatMap(List::stream)
        .map(WorkerProgram.Started::process)
        .toList();
  }

  /** Starts more workers of a kind, at once, and returns when all are ready. */
  public List<OwnedProcess> startWorkers(WorkerKind kind, int count) {
    List<WorkerProgram.Started> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int port = TcpPorts.anyFree();
      int number = workersOf(kind.service()).size() + 1;
      ProcessSpec spec = applications.worker(kind, number, apiUrl(), port);
      started.add(launch(kind.service(), spec.with(plan.workerEnvironment()), port));
    }
    return awaitWorkers(started);
  }

  /**
   * Starts workers of a test's own program, at once, and returns when all are ready.
   *
   * @param environment variables these workers get besides the plan's
   */
  public List<OwnedProcess> startWorkers(
      WorkerProgram program, int count, Map<String, String> environment) {
    List<WorkerProgram.Started> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(launch(program, environment));
    }
    return awaitWorkers(started);
  }

  /** Starts one worker of a test's own program and does not wait for it. */
  public OwnedProcess launchWorker(WorkerProgram program, Map<String, String> environment) {
    return launch(program, environment).process();
  }

  /**
   * Starts one of the product's workers on another host and does not wait for it.
   *
   * @param elsewhere what starts it there, made of what would start it here
   */
  public OwnedProcess launchWorker(WorkerKind kind, UnaryOperator<ProcessSpec> elsewhere) {
    int port = TcpPorts.anyFree();
    int number = workersOf(kind.service()).size() + 1;
    ProcessSpec spec = elsewhere.apply(applications.worker(kind, number, apiUrl(), port));
    return launch(kind.service(), spec, port).process();
  }

  /** As {@link #launchWorker(WorkerKind, UnaryOperator)}, with a test's own program. */
  public OwnedProcess launchWorker(WorkerProgram program, UnaryOperator<ProcessSpec> elsewhere) {
    int port = TcpPorts.anyFree();
    return launch(program.service(), elsewhere.apply(spec(program, port)), port).process();
  }

  private WorkerProgram.Started launch(WorkerProgram program, Map<String, String> environment) {
    int port = TcpPorts.anyFree();
    ProcessSpec spec = spec(program, port).with(plan.workerEnvironment()).with(environment);
    return launch(program.service(), spec, port);
  }

  private ProcessSpec spec(WorkerProgram program, int port) {
    int number = workersOf(program.service()).size() + 1;
    return applications.worker(
        WorkerKind.BACKTEST,
        program.service() + "-" + number,
        program.classes(),
        program.mainClass(),
        apiUrl(),
        port);
  }

  private WorkerProgram.Started launch(String service, ProcessSpec spec, int port) {
    WorkerProgram.Started started = new WorkerProgram.Started(ledger.start(spec), port);
    workersOf(service).add(started);
    return started;
  }

  private List<OwnedProcess> awaitWorkers(List<WorkerProgram.Started> started) {
    for (WorkerProgram.Started worker : started) {
      Readiness.awaitWorker(worker.process(), worker.port(), apiUrl());
    }
    return started.stream().map(WorkerProgram.Started::process).toList();
  }

  /** Folder with {@code api.log}, {@code backtest-worker-1.log}, …; gone when the JVM ends. */
  public Path logs() {
    return applications.logs();
  }

  /**
   * Stops workers, then the API, then its own servers or virtual host. Does nothing the second
   * time.
   */
  @Override
  public void close() {
    List<OwnedProcess> newestFirst = new ArrayList<>(allWorkers());
    Collections.reverse(newestFirst);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      newestFirst.forEach(process -> threads.execute(() -> process.stop(STOP_GRACE)));
    }
    replicas.forEach(replica -> replica.process.stop(STOP_GRACE));
    servers.close();
  }

  private OwnedProcess launchApi(int port) {
    return ledger.start(
        applications
            .api(servers.databaseOfApi(), servers.brokerOfApi(), port)
            .with(servers.apiEnvironment()));
  }

  private List<WorkerProgram.Started> workersOf(String service) {
    return workers.computeIfAbsent(service, _ -> new ArrayList<>());
  }
}
