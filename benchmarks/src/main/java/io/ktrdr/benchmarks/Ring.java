package io.ktrdr.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The benchmarks of the ring, one after the other on one system. */
final class Ring {

  private static final double ACCEPTS_TARGET = 4_000;
  private static final double SUSTAINED_TARGET = 2_000;
  private static final double P50_TARGET_MS = 5;
  private static final double P99_TARGET_MS = 30;
  private static final double FAILOVER_TARGET_S = 5;
  private static final double DRAIN_LIMIT_S = 60;
  private static final int LATENCY_RATE = 50;

  /** Operations that may wait while a sustained load runs: deep enough that no slot is idle. */
  private static final long BACKLOG_MAX = 1_000;

  private static final Duration BACKLOG_CHECK = Duration.ofMillis(250);

  /** Left out at the beginning of a sustained load. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** Rarely enough to cost nothing. */
  private static final Duration SLOW_POLL = Duration.ofMillis(200);

  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** What can be measured, in the order it is. */
  enum Part {
    ACCEPTS,
    DRAIN,
    SUSTAINED,
    LATENCY,
    FAILOVER
  }

  /**
   * How much is measured.
   *
   * @param warmUp operations before anything is measured, and again after the API was killed: a JVM
   *     that has just started measures its compiler
   * @param burst operations submitted at once, also those that are drained
   * @param sustain how long each sustained load lasts
   * @param latencies operations timed a repetition
   * @param kills workers killed
   */
  record Size(int repeats, int warmUp, int burst, Duration sustain, int latencies, int kills) {
    static final Size WHOLE = new Size(3, 30_000, 10_000, Duration.ofSeconds(15), 1_500, 5);
    static final Size QUICK = new Size(1, 10_000, 10_000, Duration.ofSeconds(8), 500, 2);
  }

  /** CPU microseconds and commits one operation costs while a load ran. */
  record Cost(Map<String, Double> cpuMicros, double commits, double busyCores) {}

  private final BenchSystem system;
  private final BenchDatabase database;
  private final Load load;
  private final Size size;
  private final Progress progress;
  private final List<Measurement> measurements = new ArrayList<>();
  private final Map<String, Cost> costs = new LinkedHashMap<>();

  Ring(BenchSystem system, Size size, Progress progress) {
    this.system = system;
    this.database = system.database();
    this.load = new Load(system.apiPort());
    this.size = size;
    this.progress = progress;
  }

  List<Measurement> measurements() {
    return List.copyOf(measurements);
  }

  /** What an operation costs, by load: of the last repetition, when everything is warm. */
  Map<String, Cost> costs() {
    return Collections.unmodifiableMap(costs);
  }

  void run(Set<Part> parts) {
    if (parts.contains(Part.ACCEPTS) || parts.contains(Part.DRAIN)) {
      accepts(parts.contains(Part.ACCEPTS) ? size.repeats() : 1);
    }
    progress.say("Starting %d worker processes".formatted(system.shape().workers()));
    system.startWorkers();
    if (parts.contains(Part.DRAIN)) {
      drain();
    } else {
      settle("what waits is done", SLOW_POLL, () -> database.open() == 0);
    }
    if (parts.contains(Part.SUSTAINED) || parts.contains(Part.LATENCY)) {
      database.clear();
      warmUp();
    }
    if (parts.contains(Part.SUSTAINED)) {
      sustained();
    }
    if (parts.contains(Part.LATENCY)) {
      latency();
    }
    if (parts.contains(Part.FAILOVER)) {
      failover();
    }
  }

  /** POST → 202 with nobody taking from the queue; what is accepted is also brought there. */
  private void accepts(int repeats) {
    load.burst(size.warmUp(), "warming up the API", progress);
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < repeats; i++) {
      settle("outbox empty", SLOW_POLL, () -> database.number(WAITING) == 0);
      system.purgeQueue();
      database.clear();
      Usage before = usage();
      rates.add(load.burst(size.burst(), "accepting, run " + (i + 1), progress));
      costs.put("accepts", before.until(usage(), size.burst()));
    }
    progress.say("  answered 503 and sent again: " + load.refused());
    add("accepts", "/s", rates, ACCEPTS_TARGET, true);
  }

  private void warmUp() {
    AtomicBoolean hold = new AtomicBoolean();
    try (Load.Flight flight = load.sustain(hold)) {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (flight.accepted() < size.warmUp() && System.nanoTime() < deadline) {
        hold.set(database.open() > BACKLOG_MAX);
        LockSupport.parkNanos(BACKLOG_CHECK.toNanos());
        progress.bar("warming up", (double) flight.accepted() / size.warmUp());
      }
    }
    settle("what is left done", SLOW_POLL, () -> database.open() == 0);
  }

  private static final String WAITING = "select count(*) from outbox where published_at is null";

  /** What the last burst left in the queue is worked off; half-way the API is killed. */
  private void drain() {
    int count = size.burst();
    long begun = System.nanoTime();
    long openAtStart = database.open();
    settle("half drained", SLOW_POLL, () -> database.open() < count / 2);
    double half = Load.seconds(System.nanoTime() - begun);
    long killed = System.nanoTime();
    system.killAndRestartApi();
    progress.say(
        "  API killed and answering again in %.1f s"
            .formatted(Load.seconds(System.nanoTime() - killed)));
    settle("drained", SLOW_POLL, () -> database.open() == 0);
    double all = Load.seconds(System.nanoTime() - begun);
    requireBooks(count, 1);
    progress.say("  first half of %d open: %.1f s".formatted(openAtStart, half));
    add("10,000 queued drained, API killed", "s", List.of(all), DRAIN_LIMIT_S, false);
  }

  /** Submitting and working at once, for seconds on end. */
  private void sustained() {
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < size.repeats(); i++) {
      database.clear();
      rates.add(sustainedOnce("sustained, run " + (i + 1)));
    }
    add("submit → done, sustained", "/s", rates, SUSTAINED_TARGET, true);
  }

  private double sustainedOnce(String what) {
    AtomicBoolean hold = new AtomicBoolean();
    long accepted;
    double rate;
    Load.Flight flight = load.sustain(hold);
    try (flight) {
      steer(hold, SETTLE, what + " (settling)");
      String from = now();
      Usage before = usage();
      steer(hold, size.sustain(), what);
      String to = now();
      Usage after = usage();
      long done =
          database.number(
              "select count(*) from operations where completed_at >= '%s' and completed_at < '%s'"
                  .formatted(from, to));
      rate = done / Load.seconds(after.nanos() - before.nanos());
      costs.put("sustained", before.until(after, done));
    }
    settle("what is left done", SLOW_POLL, () -> database.open() == 0);
    accepted = flight.accepted();
    requireBooks(accepted, 1);
    return rate;
  }

  /** What everything has used up to a moment. */
  private record Usage(long nanos, Map<String, Duration> cpu, long commits) {

    Cost until(Usage after, long operations) {
      double seconds = Load.seconds(after.nanos - nanos);
      Map<String, Double> micros = new LinkedHashMap<>();
      double busy = 0;
      for (Map.Entry<String, Duration> entry : after.cpu.entrySet()) {
        Duration used = entry.getValue().minus(cpu.getOrDefault(entry.getKey(), Duration.ZERO));
        micros.put(entry.getKey(), used.toNanos() / 1e3 / Math.max(1, operations));
        busy += used.toNanos() / 1e9 / seconds;
      }
      return new Cost(micros, (after.commits - commits) / (double) Math.max(1, operations), busy);
    }
  }

  private Usage usage() {
    return new Usage(System.nanoTime(), system.cpu(), database.commits());
  }

  /** Lets the load run for so long, holding it whenever the backlog is deep enough. */
  private void steer(AtomicBoolean hold, Duration time, String what) {
    long begun = System.nanoTime();
    long elapsed = 0;
    while (elapsed < time.toNanos()) {
      hold.set(database.open() > BACKLOG_MAX);
      LockSupport.parkNanos(BACKLOG_CHECK.toNanos());
      elapsed = System.nanoTime() - begun;
      progress.bar(what, (double) elapsed / time.toNanos());
    }
  }

  private void latency() {
    List<Double> middles = new ArrayList<>();
    List<Double> tails = new ArrayList<>();
    List<Double> accepts = new ArrayList<>();
    for (int i = 0; i < size.repeats(); i++) {
      database.clear();
      Latency.Samples samples =
          new Latency(system.apiPort(), database.access())
              .measure(LATENCY_RATE, size.latencies(), "latency, run " + (i + 1), progress);
      middles.add(Latency.quantile(samples.done(), 0.5));
      tails.add(Latency.quantile(samples.done(), 0.99));
      accepts.add(Latency.quantile(samples.accept(), 0.5));
      settle("what is left done", SLOW_POLL, () -> database.open() == 0);
      requireBooks(size.latencies(), 1);
    }
    progress.say("  POST → 202 at 50/s, p50 by run: " + accepts);
    add("submit → done at 50/s, p50", "ms", middles, P50_TARGET_MS, false);
    add("submit → done at 50/s, p99", "ms", tails, P99_TARGET_MS, false);
  }

  /** A worker dies while it runs an operation: until the API says another one runs it. */
  private void failover() {
    database.clear();
    List<Double> seconds = new ArrayList<>();
    try (HttpConnection connection = new HttpConnection(system.apiPort())) {
      byte[] request = Load.request(connection, NoopHandler.HOLD_CAPITAL);
      for (int i = 0; i < size.kills(); i++) {
        String id = Load.submit(connection, request);
        settle("running", POLL, () -> running(id, 1));
        String worker = worker(id);
        progress.bar("killing " + worker, (double) i / size.kills());
        long killed = System.nanoTime();
        system.killWorker(worker);
        settle("running again", POLL, () -> running(id, 2) && !worker(id).equals(worker));
        seconds.add(Load.seconds(System.nanoTime() - killed));
        system.startWorkers();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    add("kill -9 → running elsewhere", "s", seconds, FAILOVER_TARGET_S, false);
  }

  private boolean running(String id, int attempt) {
    return database.number(
            "select count(*) from operations where id = '%s' and status = 'running' and attempt = %d"
                .formatted(id, attempt))
        == 1;
  }

  private String worker(String id) {
    return database
        .rows("select coalesce(worker_id, '') from operations where id = '%s'".formatted(id))
        .getFirst()
        .getFirst();
  }

  private String now() {
    return database.rows("select clock_timestamp()").getFirst().getFirst();
  }

  private void requireBooks(long expected, int attemptsMax) {
    List<String> wrong = database.audit(expected, attemptsMax);
    if (!wrong.isEmpty()) {
      throw new IllegalStateException("the books do not balance: " + String.join("; ", wrong));
    }
  }

  private void settle(String what, Duration poll, BooleanSupplier done) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "not %s after %d s; logs: %s".formatted(what, LIMIT.toSeconds(), system.logs()));
      }
      LockSupport.parkNanos(poll.toNanos());
    }
  }

  private void add(String name, String unit, List<Double> values, double target, boolean atLeast) {
    Measurement measurement = new Measurement(name, unit, values, target, atLeast);
    measurements.add(measurement);
    progress.say(measurement.row());
  }
}
