package io.ktrdr.api.metrics;

import io.ktrdr.protocol.amqp.QueueState;
import io.ktrdr.protocol.amqp.Topology;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The broker's queues, as the process that leads the rescue saw them last. Of several API processes
 * one has these figures. Thread-safe.
 */
final class QueueGauges {

  /** Three sweeps: what is older tells nothing of now. */
  static final Duration AGE_MAX = Duration.ofSeconds(15);

  private final MultiGauge ready;
  private final MultiGauge consumers;
  private final MultiGauge deadLetters;
  private final MultiGauge unroutable;
  private List<QueueState> queues = List.of();
  private long seenNanos = System.nanoTime();

  QueueGauges(MeterRegistry registry) {
    ready = gauge(registry, "ktrdr.queue.messages.ready", "Messages nobody has in hand");
    consumers = gauge(registry, "ktrdr.queue.consumers", "Consumers subscribed to it");
    deadLetters = gauge(registry, "ktrdr.dead.letters", "Messages nobody could handle");
    unroutable = gauge(registry, "ktrdr.unroutable.messages", "Messages that have no queue");
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  synchronized void seen(List<QueueState> now) {
    queues = List.copyOf(now);
    seenNanos = System.nanoTime();
  }

  /** Has the gauges show what was seen, unless that is too long ago. */
  synchronized void refresh() {
    if (System.nanoTime() - seenNanos > AGE_MAX.toNanos()) {
      queues = List.of();
    }
    show(ready, QueueGauges::handled, QueueState::ready);
    show(consumers, QueueGauges::handled, QueueState::consumers);
    show(deadLetters, QueueGauges::dead, QueueState::ready);
    show(unroutable, QueueGauges::homeless, QueueState::ready);
  }

  private static boolean dead(QueueState queue) {
    return queue.queue().endsWith(Topology.deadLetterQueueOf(""));
  }

  private static boolean homeless(QueueState queue) {
    return queue.queue().equals(Topology.UNROUTABLE);
  }

  private static boolean handled(QueueState queue) {
    return !dead(queue) && !homeless(queue);
  }

  private void show(
      MultiGauge gauge, Predicate<QueueState> which, ToDoubleFunction<QueueState> figure) {
    gauge.register(
        queues.stream()
            .filter(which)
            .map(queue ->
                MultiGauge.Row.of(Tags.of("queue", queue.queue()), figure.applyAsDouble(queue)))
            .toList(),
        true);
  }
}
