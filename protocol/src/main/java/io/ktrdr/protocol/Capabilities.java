package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What a worker's machine, or its container, has to offer.
 *
 * @param memoryGb GiB, as all memory here
 */
public record Capabilities(int cores, double memoryGb, Optional<Gpu> gpu) {

  /**
   * What a worker computes with besides its cores.
   *
   * @param type {@code CUDA}, {@code MPS}, …
   * @param count devices
   * @param memoryGb of one device, the smallest; empty: not known
   */
  public record Gpu(String type, int count, Optional<Double> memoryGb) {

    public Gpu {
      requireNonNull(type, "type is null");
      requireNonNull(memoryGb, "memoryGb is null");
    }
  }

  public Capabilities {
    requireNonNull(gpu, "gpu is null");
  }

  /** The form of the registry; says nothing of a GPU's details when there is none. */
  @JsonValue
  public ObjectNode json() {
    ObjectNode json = Json.mapper().createObjectNode().put("cores", cores);
    putGigabytes(json, "memory_gb", memoryGb);
    json.put("gpu", gpu.isPresent());
    gpu.ifPresent(device -> {
      json.put("gpu_type", device.type()).put("gpu_count", device.count());
      device.memoryGb().ifPresent(memory -> putGigabytes(json, "gpu_memory_gb", memory));
    });
    return json;
  }

  /** Two decimals at most, and none when it is whole: 8, 15.62. */
  private static void putGigabytes(ObjectNode json, String field, double gigabytes) {
    double rounded = Math.round(gigabytes * 100) / 100.0;
    if (rounded == Math.rint(rounded)) {
      json.put(field, (long) rounded);
    } else {
      json.put(field, rounded);
    }
  }
}
