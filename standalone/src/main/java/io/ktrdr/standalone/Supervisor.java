package io.ktrdr.standalone;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings everything up, watches it, and takes it down again in reverse order. {@link #close} may be
 * called at any moment, also while {@link #runWhileUp} still starts things in another thread: no
 * process is started after that, and all that were are stopped.
 */
final class Supervisor implements AutoCloseable {

  /** How long API and workers may take to stop by themselves before they are killed. */
  static final Duration STOP_GRACE = Duration.ofSeconds(20);

  /** How long a server may take that was told to stop before it was up. */
  private static final Duration STARTING_GRACE = Duration.ofSeconds(3);

  /** How long a left-over of a killed run may take. */
  static final Duration LEFT_OVER_GRACE = Duration.ofSeconds(10);

  /** Exit code of a command that Ctrl-C ended. */
  static final int INTERRUPTED = 130;

  private static final int API_PORT = 8000;
  private static final int API_PORT_SPAN = 100;
  private static final Duration TEND_EVERY = Duration.ofMillis(250);

  /** What is wanted: how many workers, or the two servers alone. */
  record Wish(Scale scale, boolean infrastructureOnly) {}

  private final Layout layout;
  private final Wish wish;
  private final Narrator narrator;
  private final Map<String, String> environment;
  private final RunLock lock;
  private final ProcessLedger ledger;
  private final Applications applications;
  private final Instant startedAt = Instant.now();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Object launching = new Object();
  private final List<OwnedProcess> launched = Collections.synchronizedList(new ArrayList<>());
  private final List<Member> members = Collections.synchronizedList(new ArrayList<>());
  private volatile @Nullable PostgresServer postgres;
  private volatile @Nullable RabbitServer rabbit;
  private volatile @Nullable DatabaseAccess database;
  private volatile @Nullable BrokerAccess broker;
  private volatile String apiUrl = "";

  private Supervisor(
      Layout layout, Wish wish, Narrator narrator, Map<String, String> environment, RunLock lock) {
    this.layout = layout;
    this.wish = wish;
    this.narrator = narrator;
    this.environment = environment;
    this.lock = lock;
    this.ledger = ledger(layout);
    this.applications = Applications.of(layout);
  }

  /**
   * The one supervisor of this folder; nothing is started yet.
   *
   * @throws StandaloneException {@code ALREADY_RUNNING} with the pid of the other one
   */
  static Supervisor claim(
      Layout layout, Wish wish, Narrator narrator, Map<String, String> environment) {
    RunLock lock =
        RunLock.tryAcquire(layout)
            .orElseThrow(() ->
                new StandaloneException(
                    "ALREADY_RUNNING",
                    "KTRDR already runs in "
                        + layout.root()
                        + RunLock.holder(layout).map(p -> " (pid " + p.pid() + ")").orElse("")
                        + ". Stop it with ./ktrdr down, or look with ./ktrdr status."));
    return new Supervisor(layout, wish, narrator, environment, lock);
  }

  static ProcessLedger ledger(Layout layout) {
    return new ProcessLedger(layout.run().resolve("processes.jsonl"));
  }

  /**
   * Brings everything up, does {@code work}, and takes everything down, whatever happens.
   *
   * @return what {@code work} returned, or {@link #INTERRUPTED} when it was cut short by a stop
   * @throws StandaloneException the reason when something did not come up or {@code work} failed
   */
  int runWhileUp(IntSupplier work) {
    try (this) {
      // Inside: once closed, a failure could not be told from one that the stop has caused.
      try {
        start();
        return work.getAsInt();
      } catch (StandaloneException e) {
        if (stopping.get()) {
          return INTERRUPTED;
        }
        throw e;
      }
    }
  }

  /** Returns when everything is up and answers. */
  private void start() {
    requireNotStopping();
    recover();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> first = CompletableFuture.runAsync(this::startPostgres, threads);
      CompletableFuture<Void> second = CompletableFuture.runAsync(this::startRabbit, threads);
      join(CompletableFuture.allOf(first, second));
      if (!wish.infrastructureOnly()) {
        startApi();
        startWorkers(threads);
      }
    }
    writeState(true);
  }

  /** Watches until {@link #close} is called: says each death aloud and starts the process again. */
  void watch() {
    while (!Await.until(TEND_EVERY, TEND_EVERY, stopping::get)) {
      boolean changed = false;
      for (Member member : List.copyOf(members)) {
        changed |= member.tend(narrator);
      }
      if (changed) {
        writeState(true);
      }
    }
  }

  DatabaseAccess database() {
    return required(database);
  }

  BrokerAccess broker() {
    return required(broker);
  }

  /** Base URL of the API; empty when only the infrastructure runs. */
  String apiUrl() {
    return apiUrl;
  }

  /** Stops workers, then the API, then the two servers; waits until nothing is left. */
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      awaitStopped();
      return;
    }
    try {
      Programs.killAll();
      synchronized (launching) {
        // From here on no launch can begin, and what began is in the list.
        stopAll();
      }
    } finally {
      lock.close();
      stopped.countDown();
    }
  }

  private void stopAll() {
    List<OwnedProcess> running = launched.stream().filter(OwnedProcess::isAlive).toList();
    if (!running.isEmpty()) {
      narrator.say("");
      narrator.say("Stopping " + running.size() + " processes …");
    }
    stopTogether(running.stream().filter(p -> p.name().contains("-worker-")).toList());
    stopTogether(running.stream().filter(p -> p.name().equals("api")).toList());
    List<Runnable> servers = new ArrayList<>();
    PostgresServer ownPostgres = postgres;
    RabbitServer ownRabbit = rabbit;
    if (ownPostgres != null) {
      servers.add(ownPostgres::close);
    }
    if (ownRabbit != null) {
      servers.add(ownRabbit::close);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      servers.forEach(threads::execute);
    }
    // What is left was still starting: it has nothing to put in order.
    launched.forEach(p -> p.stop(STARTING_GRACE));
    ServerRemains.stop(postgresConfig(), rabbitConfig());
    ledger.clear();
    RunState.delete(layout);
    narrator.say("Stopped. Nothing is left running.");
  }

  private static void stopTogether(List<OwnedProcess> processes) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      processes.forEach(process -> threads.execute(() -> process.stop(STOP_GRACE)));
    }
  }

  private void awaitStopped() {
    try {
      if (!stopped.await(2 * STOP_GRACE.toSeconds(), TimeUnit.SECONDS)) {
        narrator.say("! Stopping takes longer than expected.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a killed supervisor left behind goes first. */
  private void recover() {
    int found =
        ledger.stopAll(
            LEFT_OVER_GRACE,
            left ->
                narrator.say(
                    "! Left over from a killed run: %s (pid %d); stopping it"
                        .formatted(left.name(), left.pid())));
    ServerRemains.stop(postgresConfig(), rabbitConfig());
    RunState.delete(layout);
    if (found > 0) {
      narrator.say("  Recovered; the data goes on from where it was.");
    }
  }

  private void startPostgres() {
    String given = environment.getOrDefault("DATABASE_URL", "");
    if (!given.isBlank()) {
      DatabaseAccess access = DatabaseAccess.parse(given);
      access.requireReachable();
      database = access;
      narrator.done("Postgres", access.jdbcUrl() + " (yours)", Duration.ZERO);
      return;
    }
    Instant begun = Instant.now();
    PostgresServer server = PostgresServer.start(postgresConfig());
    postgres = server;
    database = server.access();
    register(
        server.process(),
        server.port(),
        () -> {
          server.restart();
          return server.process();
        },
        false);
    String detail = PostgresBinaries.version() + " on 127.0.0.1:" + server.port();
    narrator.done("Postgres", detail, since(begun));
  }

  private void startRabbit() {
    String given = environment.getOrDefault("RABBITMQ_URL", "");
    if (!given.isBlank()) {
      String management = environment.getOrDefault("KTRDR_RABBITMQ_MANAGEMENT_URL", "");
      BrokerAccess access = BrokerAccess.parse(given, management);
      access.requireReachable();
      broker = access;
      narrator.done("RabbitMQ", "(yours)", Duration.ZERO);
      return;
    }
    Instant begun = Instant.now();
    RabbitServer server = RabbitServer.start(rabbitConfig());
    rabbit = server;
    broker = server.access();
    register(
        server.process(),
        server.port(),
        () -> {
          server.restart();
          return server.process();
        },
        false);
    narrator.done("RabbitMQ", "on 127.0.0.1:" + server.port(), since(begun));
  }

  private void startApi() {
    Instant begun = Instant.now();
    int port = TcpPorts.firstFreeFrom(API_PORT, API_PORT_SPAN);
    if (port != API_PORT) {
      narrator.say("  Port " + API_PORT + " is taken; the API uses " + port + ".");
    }
    String url = "http://127.0.0.1:" + port;
    GivenFolders folders = GivenFolders.of(environment, Path.of(""));
    ProcessSpec spec = applications.api(database(), broker(), port).with(folders.settings());
    OwnedProcess api = launch(spec);
    register(api, port, () -> launch(spec), false);
    Readiness.awaitApi(api, url);
    apiUrl = url;
    narrator.done("API", url, since(begun));
    folders.lines().forEach(narrator::say);
  }

  private void startWorkers(ExecutorService threads) {
    List<CompletableFuture<Void>> ready = new ArrayList<>();
    for (WorkerKind kind : WorkerKind.values()) {
      for (int number = 1; number <= wish.scale().of(kind); number++) {
        int port = TcpPorts.anyFree();
        ProcessSpec spec = applications.worker(kind, number, apiUrl, port);
        Instant begun = Instant.now();
        OwnedProcess worker = launch(spec);
        register(worker, port, () -> launch(spec), true);
        ready.add(
            CompletableFuture.runAsync(
                () -> {
                  Readiness.awaitWorker(worker, port, apiUrl);
                  narrator.done(worker.name(), "http://127.0.0.1:" + port, since(begun));
                },
                threads));
      }
    }
    join(CompletableFuture.allOf(ready.toArray(CompletableFuture[]::new)));
  }

  private void requireNotStopping() {
    if (stopping.get()) {
      throw new StandaloneException("STOPPING", "Nothing is started any more: stopping.");
    }
  }

  /** The only place a process of ours begins. */
  private OwnedProcess launch(ProcessSpec spec) {
    synchronized (launching) {
      requireNotStopping();
      OwnedProcess process = ledger.start(spec);
      launched.add(process);
      return process;
    }
  }

  private void register(
      OwnedProcess process, int port, Supplier<OwnedProcess> again, boolean mayLeave) {
    members.add(new Member(process, port, again, mayLeave));
    writeState(false);
  }

  private synchronized void writeState(boolean ready) {
    if (stopping.get()) {
      return;
    }
    DatabaseAccess db = database;
    BrokerAccess rabbitAccess = broker;
    new RunState(
            ProcessHandle.current().pid(),
            startedAt,
            ready,
            apiUrl,
            db == null ? "" : db.url(),
            rabbitAccess == null ? "" : rabbitAccess.amqpUrl(),
            rabbitAccess == null ? "" : rabbitAccess.managementUrl(),
            rabbitAccess == null ? "" : rabbitAccess.user(),
            rabbitAccess == null ? "" : rabbitAccess.password(),
            List.copyOf(members).stream().map(Member::state).toList())
        .write(layout);
  }

  private PostgresConfig postgresConfig() {
    return PostgresConfig.of(layout, this::launch);
  }

  private RabbitConfig rabbitConfig() {
    return RabbitConfig.of(layout, this::launch, narrator::progress);
  }

  private static void join(CompletableFuture<Void> all) {
    try {
      all.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StandaloneException known ? known : e;
    }
  }

  private static Duration since(Instant begun) {
    return Duration.between(begun, Instant.now());
  }

  private static <T> T required(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not started yet");
    }
    return value;
  }
}
