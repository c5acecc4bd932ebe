package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which queues this worker takes from, as the API last said: its type's own, those of the demands
 * it meets before it, and none at all while its type is paused. Thread-safe.
 */
final class WantedQueues implements Supplier<List<String>> {

  /** GPU workers go first where both kinds take from a queue. */
  private static final int PRIORITY_GPU = 10;

  private final OperationType type;
  private final boolean gpu;
  private final Topology topology;
  private volatile List<String> routes;
  private volatile boolean paused;

  /**
   * @param topology gets to know every route this worker takes from
   */
  WantedQueues(OperationType type, Capabilities capabilities, Topology topology) {
    this.type = type;
    this.gpu = capabilities.gpu().isPresent();
    this.topology = topology;
    this.routes = routes(List.of());
  }

  /** Of this worker among others that take from the same queue. */
  int priority() {
    return gpu ? PRIORITY_GPU : 0;
  }

  /**
   * @param demanding routes of operations that wait and have a demand which this worker meets
   */
  void obey(boolean pausedNow, List<String> demanding) {
    routes = routes(demanding);
    paused = pausedNow;
  }

  @Override
  public List<String> get() {
    return paused ? List.of() : routes.stream().map(Topology::queueOf).toList();
  }

  /** The most particular first: few workers can take from there, and all from the last. */
  private List<String> routes(List<String> demanding) {
    List<String> all = new ArrayList<>(demanding);
    String own = new Demand(true, 0, 0).routeOf(type);
    if (gpu && !all.contains(own)) {
      all.add(own);
    }
    all.remove(type.wireName());
    all.add(type.wireName());
    all.forEach(topology::add);
    return List.copyOf(all);
  }
}
