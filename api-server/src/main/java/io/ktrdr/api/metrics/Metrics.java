package io.ktrdr.api.metrics;

import io.ktrdr.api.operation.OperationObserver;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.amqp.QueueState;
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
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process in figures; {@code docs/operations/metrics.md} explains each. How things stand is
 * read when somebody asks, at most about once a second; what happens is counted as this process
 * commits it, so several API processes add up. Thread-safe.
 */
public final class Metrics {

  /** How old the gauges may be. */
  private static final Duration AGE_MAX = Duration.ofSeconds(1);

  private static final Duration[] ANSWER_BUCKETS =
      LongStream.of(5, 10, 50, 100, 500, 1_000, 5_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

  private final Jdbi jdbi;
  private final OperationTypes types;
  private final Duration silenceMax;
  private final MetricsStore store = new MetricsStore();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final OperationMeters operations;
  private final QueueGauges queues = new QueueGauges(registry);
  private final Counter checkpoints =
      Counter.builder("ktrdr.checkpoints.removed")
          .description("Checkpoints removed because nothing needed them")
          .register(registry);
  private final Counter checkpointBytes =
      Counter.builder("ktrdr.checkpoints.removed.size")
          .description("What they took")
          .baseUnit("bytes")
          .register(registry);
  private final List<TypeGauge> byType =
      List.of(
          workers("available", "Idle workers that take operations", MetricsStore.AVAILABLE),
          workers("busy", "Workers at an operation", MetricsStore.BUSY),
          workers("draining", "Workers that leave", MetricsStore.DRAINING),
          workers("unavailable", "Workers not heard of", MetricsStore.UNAVAILABLE),
          operations("in.state", "Operations that have not ended", MetricsStore.IN_STATE),
          operations("active", "Operations that have not ended", MetricsStore.ACTIVE),
          operations("stalled", "Running without a sign of progress", MetricsStore.STALLED),
          operations(
              "oldest.queued.age.seconds",
              "How long the oldest operation has waited for a worker",
              MetricsStore.QUEUED_AGE),
          operations("paused", "1 while none of the type is begun", MetricsStore.PAUSED));
  private List<MetricsStore.Figure> figures = List.of();
  private long readNanos = System.nanoTime() - AGE_MAX.toNanos();

  /**
   * Gauges with a row a type.
   *
   * @param label of the type
   */
  private record TypeGauge(MultiGauge gauge, String label, String figure) {}

  /**
   * How this process stands, from memory.
   *
   * @param brokerBlocked the broker takes no messages at present
   * @param projecting events are delivered here
   * @param leading it is the one that rescues
   */
  public record Standing(
      BooleanSupplier brokerConnected,
      BooleanSupplier brokerBlocked,
      BooleanSupplier projecting,
      BooleanSupplier leading) {}

  /**
   * @param silenceMax from which on a worker is not available
   */
  public Metrics(Jdbi jdbi, OperationTypes types, Duration silenceMax) {
    this.jdbi = jdbi;
    this.types = types;
    this.silenceMax = silenceMax;
    operations = new OperationMeters(registry, types);
    one("ktrdr.workers.registered", "Rows of the registry", MetricsStore.REGISTERED);
    one("ktrdr.accepting", "1 while new operations are accepted", MetricsStore.ACCEPTING);
    one(
        "ktrdr.outbox.oldest.age.seconds",
        "How long the oldest message has been due",
        MetricsStore.OUTBOX_AGE);
    one("ktrdr.outbox.waiting", "Messages that are due", MetricsStore.OUTBOX_WAITING);
    one(
        "ktrdr.projection.lag.seconds",
        "How long the oldest outcome has waited to be applied",
        MetricsStore.PROJECTION_LAG);
    flag("ktrdr.database.up", "1 when the database answered just now", this::databaseAnswered);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** To be called once, before the first scrape. */
  public void watch(Standing standing) {
    flag("ktrdr.broker.connected", "1 while connected to the broker", standing.brokerConnected());
    flag("ktrdr.broker.blocked", "1 while the broker takes no messages", standing.brokerBlocked());
    flag("ktrdr.projection.subscribed", "1 while events are delivered here", standing.projecting());
    flag("ktrdr.rescue.leader", "1 in the process that rescues", standing.leading());
  }

  /** Counts what happens to operations. */
  public OperationObserver observer() {
    return operations;
  }

  /** The broker's queues were looked at. */
  public void seen(List<QueueState> now) {
    queues.seen(now);
  }

  /** Checkpoints that nothing needed are no more. */
  public void checkpointsRemoved(int count, long bytes) {
    checkpoints.increment(count);
    checkpointBytes.increment((double) bytes);
  }

  private TypeGauge workers(String name, String description, String figure) {
    return new TypeGauge(gauge("ktrdr.workers." + name, description), "worker_type", figure);
  }

  private TypeGauge operations(String name, String description, String figure) {
    return new TypeGauge(gauge("ktrdr.operations." + name, description), "operation_type", figure);
  }

  private MultiGauge gauge(String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  private void one(String name, String description, String figure) {
    Gauge.builder(name, this, metrics -> metrics.value(figure))
        .description(description)
        .register(registry);
  }

  private void flag(String name, String description, BooleanSupplier flag) {
    Gauge.builder(name, flag, whether -> whether.getAsBoolean() ? 1 : 0)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** A request was answered. */
  void answered(String method, String route, int status, Duration time) {
    Timer.builder("http.server.requests")
        .description("Requests, by route as written in the code")
        .tags("method", method, "route", route, "status", Integer.toString(status))
        .serviceLevelObjectives(ANSWER_BUCKETS)
        .register(registry)
        .record(time);
  }

  /** In Prometheus' text format. While the database is away its gauges are missing. */
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
      figures = jdbi.withHandle(handle -> store.read(handle, types.all(), silenceMax));
    } catch (JdbiException e) {
      LOG.warn("No gauges: {}", e.getMessage());
      figures = List.of();
    }
    byType.forEach(each -> each.gauge().register(rows(each.label(), each.figure()), true));
    queues.refresh();
  }

  private synchronized boolean databaseAnswered() {
    return !figures.isEmpty();
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
    return figure.equals(MetricsStore.IN_STATE)
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
