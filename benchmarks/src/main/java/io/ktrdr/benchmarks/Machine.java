package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What the figures were measured on. */
final class Machine {

  private static final long KIB_PER_GIB = 1L << 20;

  private Machine() {}

  /** With the servers of a system. */
  static ObjectNode describe(BenchSystem system, double loadBefore) {
    return describe(loadBefore)
        .put("postgres", system.database().rows("show server_version").getFirst().getFirst())
        .put("rabbitmq", system.brokerVersion())
        .put("worker_processes", system.shape().workers())
        .put("slots_per_worker", system.shape().slots())
        .put("http_connections", Load.CONNECTIONS);
  }

  static ObjectNode describe(double loadBefore) {
    return Json.mapper()
        .createObjectNode()
        .put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("cpu", field("/proc/cpuinfo", "model name"))
        .put("memory", memory())
        .put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"))
        .put("jdk", Runtime.version().toString())
        .put("load_before", loadBefore);
  }

  /** The one-minute load average; -1 where unknown. */
  static double load() {
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static String memory() {
    String kib = field("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "");
    return kib.isEmpty()
        ? "unknown"
        : String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(kib) / (double) KIB_PER_GIB);
  }

  private static String field(String file, String name) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException notLinux) {
      return "unknown";
    }
  }
}
