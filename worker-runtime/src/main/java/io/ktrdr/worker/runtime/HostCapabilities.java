package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.Capabilities.Gpu;
import io.ktrdr.protocol.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this host, or the container, has: cores and memory as the JVM sees them, which is the
 * container's limits, and a GPU when {@code nvidia-smi} is on the path and finds one. Settings
 * overrule all of it.
 */
final class HostCapabilities {

  /** How long {@code nvidia-smi} may take. */
  static final Duration PROBE_LIMIT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(HostCapabilities.class);
  private static final String PROGRAM = "nvidia-smi";
  private static final String NVIDIA = "CUDA";
  private static final double BYTES_PER_GIB = 1L << 30;
  private static final double MIB_PER_GIB = 1024;
  private static final int CORES_MAX = 4_096;
  private static final int MEMORY_GB_MAX = 65_536;
  private static final int GPU_COUNT_MAX = 64;

  /** A line of the answer: a name, which may hold commas, and MiB. */
  private static final Pattern DEVICE = Pattern.compile(".+,\\s*(\\d+)\\s*");

  private final Settings settings;

  private HostCapabilities(Settings settings) {
    this.settings = settings;
  }

  static Capabilities of(Settings settings) {
    return new HostCapabilities(settings).read();
  }

  private Capabilities read() {
    int cores =
        settings
            .number("WORKER_CORES", 1, CORES_MAX)
            .orElseGet(() -> detected("WORKER_CORES", Runtime.getRuntime().availableProcessors()));
    double memory =
        settings
            .decimal("WORKER_MEMORY_GB", 0.1, MEMORY_GB_MAX)
            .orElseGet(() -> detected("WORKER_MEMORY_GB", memoryGb()));
    return new Capabilities(cores, memory, gpu());
  }

  private Optional<Gpu> gpu() {
    Optional<Boolean> wanted = settings.flag("WORKER_GPU");
    Optional<String> type = settings.text("WORKER_GPU_TYPE");
    Optional<Integer> count = settings.number("WORKER_GPU_COUNT", 1, GPU_COUNT_MAX);
    Optional<Double> memory = settings.decimal("WORKER_GPU_MEMORY_GB", 0.1, MEMORY_GB_MAX);
    Optional<Gpu> found = wanted.orElse(true) ? probe() : Optional.empty();
    if (!wanted.orElse(found.isPresent())) {
      if (wanted.isEmpty()) {
        detected("WORKER_GPU", false);
        if (type.isPresent() || count.isPresent() || memory.isPresent()) {
          LOG.warn("No GPU was found: set WORKER_GPU=true if there is one all the same");
        }
      }
      return Optional.empty();
    }
    if (wanted.isEmpty()) {
      detected("WORKER_GPU", true);
    }
    Gpu device = found.orElse(new Gpu(NVIDIA, 1, Optional.empty()));
    return Optional.of(
        new Gpu(
            type.orElseGet(() -> detected("WORKER_GPU_TYPE", device.type())),
            count.orElseGet(() -> detected("WORKER_GPU_COUNT", device.count())),
            memory.or(
                () -> device.memoryGb().map(known -> detected("WORKER_GPU_MEMORY_GB", known)))));
  }

  private <T> T detected(String name, T value) {
    settings.detected(name, value);
    return value;
  }

  private static double memoryGb() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    long memory =
        system instanceof com.sun.management.OperatingSystemMXBean known
            ? known.getTotalMemorySize()
            : Runtime.getRuntime().maxMemory();
    return rounded(memory / BYTES_PER_GIB);
  }

  private static double rounded(double gigabytes) {
    return Math.round(gigabytes * 100) / 100.0;
  }

  private Optional<Gpu> probe() {
    return settings
        .foreign("PATH")
        .flatMap(HostCapabilities::program)
        .flatMap(program -> {
          try {
            return devices(ask(program));
          } catch (IOException e) {
            LOG.warn("{} says nothing of a GPU: {}", program, e.getMessage());
            return Optional.empty();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
          }
        });
  }

  private static Optional<Path> program(String path) {
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static List<String> ask(Path program) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--query-gpu=name,memory.total",
                "--format=csv,noheader,nounits")
            .redirectErrorStream(true)
            .start();
    try {
      if (!process.waitFor(PROBE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("no answer within %d s".formatted(PROBE_LIMIT.toSeconds()));
      }
      List<String> lines =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
      if (process.exitValue() != 0) {
        throw new IOException(
            "exit code %d, %s".formatted(process.exitValue(), String.join(" ", lines)));
      }
      return lines;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Optional<Gpu> devices(List<String> lines) {
    List<Double> memories =
        lines.stream()
            .map(DEVICE::matcher)
            .filter(Matcher::matches)
            .map(device -> rounded(Long.parseLong(device.group(1)) / MIB_PER_GIB))
            .sorted()
            .toList();
    return memories.isEmpty()
        ? Optional.empty()
        : Optional.of(new Gpu(NVIDIA, memories.size(), Optional.of(memories.getFirst())));
  }
}
