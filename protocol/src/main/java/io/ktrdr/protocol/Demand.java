package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;

/**
 * What an operation asks of the worker that runs it. Each demand has a queue of its own, to which
 * only workers subscribe that meet it: so a worker is never handed what it cannot hold.
 *
 * @param requiresGpu only a worker with a GPU may run it
 * @param minCores processors it needs; 0 = any number
 * @param minMemoryGb memory it needs, in GiB; 0 = any amount
 */
public record Demand(boolean requiresGpu, int minCores, int minMemoryGb) {

  /** Any worker of the type will do. */
  public static final Demand NONE = new Demand(false, 0, 0);

  /** Largest numbers that may be asked for. */
  public static final int CORES_MAX = 1_024;

  public static final int MEMORY_GB_MAX = 65_536;

  /**
   * @throws IllegalArgumentException when a number is out of range
   */
  public Demand {
    if (minCores < 0 || minCores > CORES_MAX) {
      throw new IllegalArgumentException("minCores is %d".formatted(minCores));
    }
    if (minMemoryGb < 0 || minMemoryGb > MEMORY_GB_MAX) {
      throw new IllegalArgumentException("minMemoryGb is %d".formatted(minMemoryGb));
    }
  }

  @JsonIgnore
  public boolean isNone() {
    return equals(NONE);
  }

  /** Whether a worker with these may run it. */
  public boolean metBy(int cores, double memoryGb, boolean gpu) {
    return cores >= minCores && memoryGb >= minMemoryGb && (gpu || !requiresGpu);
  }

  /**
   * The routing key of operations with this demand, e.g. {@code training}, {@code training.gpu} or
   * {@code training.gpu.cores8.mem32}.
   */
  public String routeOf(OperationType type) {
    StringBuilder route = new StringBuilder(type.wireName());
    if (requiresGpu) {
      route.append(".gpu");
    }
    if (minCores > 0) {
      route.append(".cores").append(minCores);
    }
    if (minMemoryGb > 0) {
      route.append(".mem").append(minMemoryGb);
    }
    return route.toString();
  }

  /** For people, e.g. {@code a GPU, 8 cores, 32 GB}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (requiresGpu) {
      parts.add("a GPU");
    }
    if (minCores > 0) {
      parts.add("%d cores".formatted(minCores));
    }
    if (minMemoryGb > 0) {
      parts.add("%d GB".formatted(minMemoryGb));
    }
    return parts.isEmpty() ? "nothing special" : String.join(", ", parts);
  }
}
