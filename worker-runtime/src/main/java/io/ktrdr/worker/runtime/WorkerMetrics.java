package io.ktrdr.worker.runtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a worker counts, in Prometheus' text form. Thread-safe. */
final class WorkerMetrics implements AutoCloseable {

  /** Outcome of a run that was handed back. */
  static final String RELEASED = "released";

  /** Outcome of a run that had been taken away from this worker. */
  static final String DISCARDED = "discarded";

  private static final String RUNS = "ktrdr.worker.runs";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Counter heartbeats =
      Counter.builder("ktrdr.worker.heartbeats")
          .description("Heartbeats written into the registry")
          .register(registry);
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
    List.of("completed", "failed", "cancelled", RELEASED, DISCARDED).forEach(this::runs);
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
  }

  /** Says whose state the gauges show; before, the worker is idle and not subscribed. */
  void watch(RunExecution watched, BooleanSupplier whetherSubscribed) {
    execution = watched;
    subscribed = whetherSubscribed;
  }

  void runEnded(String outcome) {
    runs(outcome).increment();
  }

  void heartbeatWritten() {
    heartbeats.increment();
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

  private @Nullable RunControl run() {
    RunExecution watched = execution;
    return watched == null ? null : watched.current();
  }

  private double progressAgeSeconds() {
    RunControl run = run();
    return run == null
        ? 0
        : (System.nanoTime() - run.progressNanos()) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
