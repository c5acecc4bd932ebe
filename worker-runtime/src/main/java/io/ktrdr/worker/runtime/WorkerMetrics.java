package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.amqp.BrokerView;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What a worker counts, in Prometheus' text form. Thread-safe. */
final class WorkerMetrics implements AutoCloseable {

  /** Outcome of a run that was handed back. */
  static final String RELEASED = "released";

  /** Outcome of a run that had been taken away from this worker. */
  static final String DISCARDED = "discarded";

  private static final String RUNS = "ktrdr.worker.runs";
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private static final Duration[] DURATION_BUCKETS =
      LongStream.of(1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400)
          .mapToObj(Duration::ofSeconds)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Counter heartbeats =
      Counter.builder("ktrdr.worker.heartbeats")
          .description("Heartbeats written into the registry")
          .register(registry);
  private final Counter heartbeatsMissed =
      Counter.builder("ktrdr.worker.heartbeat.failures")
          .description("Heartbeats that could not be written")
          .register(registry);
  private volatile long beatNanos = System.nanoTime();
  private volatile @Nullable RunExecution execution;
  private volatile BooleanSupplier subscribed = () -> false;

  WorkerMetrics() {
    List.of(
            new ClassLoaderMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            gc)
        .forEach(binder -> binder.bindTo(registry));
    // From the start, so that the first of its kind is an increase.
    List.of("completed", "failed", "cancelled", RELEASED, DISCARDED)
        .forEach(outcome -> {
          runs(outcome);
          times(outcome);
        });
    Gauge.builder("ktrdr.worker.busy", this, metrics -> metrics.run() == null ? 0 : 1)
        .description("1 while an operation runs")
        .register(registry);
    Gauge.builder("ktrdr.worker.subscribed", this, m -> m.subscribed.getAsBoolean() ? 1 : 0)
        .description("1 while the broker would deliver operations")
        .register(registry);
    Gauge.builder("ktrdr.worker.progress.age", this, WorkerMetrics::progressAgeSeconds)
        .description("Since the running operation last reported something new; 0 when idle")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("ktrdr.worker.heartbeat.age", this, metrics -> secondsSince(metrics.beatNanos))
        .description("Since a heartbeat was last written; before the first, since the start")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Says whose state the gauges show; before, the worker is idle and not subscribed. */
  void watch(RunExecution watched, BooleanSupplier whetherSubscribed) {
    execution = watched;
    subscribed = whetherSubscribed;
  }

  /** Says whose counts to show as well. To be called once. */
  void watch(EventSender sender, ArtifactCache artifacts, BrokerView broker) {
    FunctionCounter.builder("ktrdr.worker.progress.coalesced", sender, EventSender::overtaken)
        .description("Progress that was never sent, because newer came first")
        .register(registry);
    FunctionCounter.builder("ktrdr.worker.event.refusals", sender, EventSender::refused)
        .description("How often the broker did not take an event")
        .register(registry);
    flag(
        "ktrdr.worker.outcome.waiting",
        "1 while an outcome waits for the broker",
        sender::endWaits);
    FunctionCounter.builder("ktrdr.worker.cache.hits", artifacts, ArtifactCache::hits)
        .description("Artifacts read from the cache")
        .register(registry);
    FunctionCounter.builder("ktrdr.worker.cache.misses", artifacts, ArtifactCache::misses)
        .description("Artifacts fetched from the API")
        .register(registry);
    Gauge.builder("ktrdr.worker.cache", artifacts, ArtifactCache::bytesHeld)
        .description("Held by the cache when something was last put there")
        .baseUnit("bytes")
        .register(registry);
    flag("ktrdr.worker.broker.connected", "1 while connected to the broker", broker::connected);
    flag(
        "ktrdr.worker.broker.blocked",
        "1 while the broker takes no messages",
        () -> broker.blockedReason().isPresent());
  }

  private void flag(String name, String description, BooleanSupplier flag) {
    Gauge.builder(name, flag, whether -> whether.getAsBoolean() ? 1 : 0)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  void runEnded(String outcome, Duration time) {
    runs(outcome).increment();
    times(outcome).record(time);
  }

  void heartbeatWritten() {
    heartbeats.increment();
    beatNanos = System.nanoTime();
  }

  void heartbeatMissed() {
    heartbeatsMissed.increment();
  }

  /** All of it, as text. */
  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }

  private Counter runs(String outcome) {
    return Counter.builder(RUNS)
        .description("Runs that ended here")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Timer times(String outcome) {
    return Timer.builder("ktrdr.worker.run")
        .description("How long a run took")
        .tag("outcome", outcome)
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry);
  }

  private @Nullable RunControl run() {
    RunExecution watched = execution;
    return watched == null ? null : watched.current();
  }

  private double progressAgeSeconds() {
    RunControl run = run();
    return run == null ? 0 : secondsSince(run.progressNanos());
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / NANOS_PER_SECOND;
  }
}
