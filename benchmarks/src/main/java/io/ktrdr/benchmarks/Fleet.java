package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What many idle workers cost, and how long the registry takes to tell of a change in their number:
 * all of them, a fifth of them, all of them again. Each is a whole worker with its own id,
 * connections, subscription and heartbeat.
 */
final class Fleet {

  /** How long idle workers are watched. */
  private static final Duration WATCHED = Duration.ofMinutes(1);

  private static final Duration REGISTRY_LIMIT = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final double NANOS_PER_SECOND = 1e9;

  private final BenchSystem system;
  private final Progress progress;
  private final ObjectNode report = Json.mapper().createObjectNode();

  Fleet(BenchSystem system, Progress progress) {
    this.system = system;
    this.progress = progress;
  }

  /** The report, also printed line by line. */
  ObjectNode run() {
    int all = system.shape().workers() * system.shape().slots();
    int few = system.shape().slots();
    report.put("workers", all);
    say(
        "register_seconds",
        "%d workers started and in the registry",
        all,
        seconds(() -> {
          system.startWorkers();
          awaitRegistry(all);
        }));
    watch(all);
    say(
        "scale_down_seconds",
        "scaled down to %d, and the registry says so",
        few,
        seconds(() -> {
          system.stopWorkers(1);
          awaitRegistry(few);
        }));
    say(
        "scale_up_seconds",
        "scaled up to %d again",
        all,
        seconds(() -> {
          system.startWorkers();
          awaitRegistry(all);
        }));
    return report;
  }

  private void watch(int workers) {
    progress.say("Watching %d idle workers for %d s".formatted(workers, WATCHED.toSeconds()));
    Map<String, Duration> cpuBefore = system.cpu();
    TcpBytes bytesBefore = TcpBytes.of(system.workerPids());
    long begun = System.nanoTime();
    pause(WATCHED);
    double watched = (System.nanoTime() - begun) / NANOS_PER_SECOND;
    TcpBytes bytesAfter = TcpBytes.of(system.workerPids());
    Map<String, Duration> cpuAfter = system.cpu();

    double each = workers * watched;
    report
        .put("watched_seconds", watched)
        .put("sent_bytes_a_second_and_worker", (bytesAfter.sent() - bytesBefore.sent()) / each)
        .put(
            "received_bytes_a_second_and_worker",
            (bytesAfter.received() - bytesBefore.received()) / each);
    progress.say(
        String.format(
            Locale.ROOT,
            "  a worker sends %.0f and receives %.0f bytes/s, over all its connections",
            report.path("sent_bytes_a_second_and_worker").asDouble(),
            report.path("received_bytes_a_second_and_worker").asDouble()));
    ObjectNode cpu = report.putObject("cpu_percent_of_one_core");
    cpuAfter.forEach((name, used) -> {
      double percent =
          used.minus(cpuBefore.getOrDefault(name, Duration.ZERO)).toNanos()
              / NANOS_PER_SECOND
              / watched
              * 100;
      cpu.put(name.replace(' ', '_'), percent);
      progress.say(String.format(Locale.ROOT, "  %-16s %5.1f %% of one core", name, percent));
    });
  }

  private void say(String field, String what, int workers, double seconds) {
    report.put(field, seconds);
    progress.say(String.format(Locale.ROOT, "%6.1f s  %s", seconds, what.formatted(workers)));
  }

  private void awaitRegistry(int workers) {
    long deadline = System.nanoTime() + REGISTRY_LIMIT.toNanos();
    while (available() != workers) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the registry has %d available workers after %d s, not %d"
                .formatted(available(), REGISTRY_LIMIT.toSeconds(), workers));
      }
      pause(POLL);
    }
  }

  private int available() {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/api/v1/workers?status=AVAILABLE"
                        .formatted(system.apiPort())))
            .timeout(REGISTRY_LIMIT)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      JsonNode workers =
          Json.mapper().readTree(client.send(request, BodyHandlers.ofByteArray()).body());
      return workers.size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static double seconds(Runnable work) {
    long begun = System.nanoTime();
    work.run();
    return (System.nanoTime() - begun) / NANOS_PER_SECOND;
  }

  private static void pause(Duration wait) {
    try {
      TimeUnit.MILLISECONDS.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
