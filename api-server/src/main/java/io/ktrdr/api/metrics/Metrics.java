package io.ktrdr.api.metrics;

import io.ktrdr.api.operation.OperationEnds;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process in figures. How things stand is read when somebody asks, at most about once a
 * second; ends of operations are counted as this process commits them, so several API processes add
 * up. Thread-safe.
 */
public final class Metrics implements OperationEnds {

  /** How old the gauges may be. */
  private static final Duration AGE_MAX = Duration.ofSeconds(1);

  private static final Duration[] DURATION_BUCKETS =
      LongStream.of(1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400)
          .mapToObj(Duration::ofSeconds)
          .toArray(Duration[]::new);

  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

  private final Jdbi jdbi;
  private final OperationTypes types;
  private final Duration silenceMax;
  private final MetricsStore store = new MetricsStore();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MultiGauge available = byType("ktrdr.workers.available", "Idle workers");
  private final MultiGauge busy = byType("ktrdr.workers.busy", "Workers at an operation");
  private final MultiGauge inState =
      byType("ktrdr.operations.in.state", "Operations that have not ended");
  private List<MetricsStore.Figure> figures = List.of();
  private long readNanos = System.nanoTime() - AGE_MAX.toNanos();

  /**
   * @param silenceMax from which on a worker is not available
   */
  public Metrics(Jdbi jdbi, OperationTypes types, Duration silenceMax) {
    this.jdbi = jdbi;
    this.types = types;
    this.silenceMax = silenceMax;
    one("ktrdr.workers.registered", "Rows of the registry", MetricsStore.WORKERS_REGISTERED);
    one("ktrdr.accepting", "1 while new operations are accepted", MetricsStore.ACCEPTING);
    one(
        "ktrdr.outbox.oldest.age.seconds",
        "How long the oldest message has been due",
        MetricsStore.OUTBOX_AGE);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private MultiGauge byType(String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  private void one(String name, String description, String figure) {
    Gauge.builder(name, this, metrics -> metrics.value(figure))
        .description(description)
        .register(registry);
  }

  @Override
  public void ended(OperationType type, OperationStatus status, Optional<Duration> duration) {
    Tags tags = Tags.of("operation_type", type.wireName(), "status", status.wireName());
    Counter.builder("ktrdr.operations")
        .description("Operations that ended")
        .tags(tags)
        .register(registry)
        .increment();
    duration.ifPresent(
        Timer.builder("ktrdr.operation.duration")
                .description("From the start of the first run to the end")
                .tags(tags)
                .serviceLevelObjectives(DURATION_BUCKETS)
                .register(registry)
            ::record);
  }

  /** In Prometheus' text format. While the database is away the gauges are missing. */
  String scrape() {
    refresh();
    return registry.scrape();
  }

  private synchronized void refresh() {
    if (System.nanoTime() - readNanos < AGE_MAX.toNanos()) {
      return;
    }
    readNanos = System.nanoTime();
    try {
      figures = jdbi.withHandle(handle -> store.read(handle, silenceMax));
    } catch (JdbiException e) {
      LOG.warn("No gauges: {}", e.getMessage());
      figures = List.of();
    }
    available.register(rows("worker_type", MetricsStore.WORKERS_AVAILABLE), true);
    busy.register(rows("worker_type", MetricsStore.WORKERS_BUSY), true);
    inState.register(rows("operation_type", MetricsStore.OPERATIONS), true);
  }

  /** NaN while it is not known. */
  private synchronized double value(String figure) {
    return figures.stream()
        .filter(known -> known.name().equals(figure))
        .mapToDouble(MetricsStore.Figure::value)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** What is not there is zero, for every known type. */
  private List<MultiGauge.Row<?>> rows(String label, String figure) {
    Map<Tags, Double> values = new LinkedHashMap<>();
    if (!figures.isEmpty()) {
      for (OperationType type : types.all()) {
        for (String status : statuses(figure)) {
          values.put(tags(label, type.wireName(), status), 0.0);
        }
      }
    }
    for (MetricsStore.Figure known : figures) {
      if (known.name().equals(figure)) {
        values.put(tags(label, known.type(), known.status()), known.value());
      }
    }
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    values.forEach((tags, value) -> rows.add(MultiGauge.Row.of(tags, value)));
    return rows;
  }

  private static List<String> statuses(String figure) {
    return figure.equals(MetricsStore.OPERATIONS)
        ? Arrays.stream(OperationStatus.values())
            .filter(status -> !status.isTerminal())
            .map(OperationStatus::wireName)
            .toList()
        : List.of("");
  }

  private static Tags tags(String label, String type, String status) {
    Tags tags = Tags.of(label, type);
    return status.isEmpty() ? tags : tags.and("status", status);
  }
}
