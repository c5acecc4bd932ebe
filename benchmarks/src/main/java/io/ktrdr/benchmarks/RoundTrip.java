package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What a researcher waits for: from the submit of a backtest of 10,000 bars until its report is
 * read, through the API, the broker and a worker process. Each has other costs, so that nothing is
 * found in a cache of results.
 */
final class RoundTrip {

  private static final double TARGET_MS = 150;
  static final int BARS = 10_000;
  static final Timeframe TIMEFRAME = Timeframe.H1;
  private static final Duration POLL = Duration.ofMillis(2);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final BenchSystem system;
  private final int repeats;
  private int submitted;

  RoundTrip(BenchSystem system, int repeats) {
    this.system = system;
    this.repeats = repeats;
  }

  Measurement run() {
    system.startBacktestWorker();
    try (HttpConnection connection = new HttpConnection(system.apiPort())) {
      List<Double> millis =
          Stopwatch.seconds(repeats, repeats, () -> reportLength(connection)).stream()
              .map(seconds -> seconds * 1e3)
              .toList();
      return new Measurement("submit → report, 10,000 bars", "ms", millis, TARGET_MS, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double reportLength(HttpConnection connection) {
    ObjectNode body =
        Json.mapper()
            .createObjectNode()
            .put("strategy_name", "sma_cross")
            .put("symbol", SyntheticPrices.SYMBOL)
            .put("timeframe", TIMEFRAME.wireName())
            .put("start_date", "2015-01-01")
            .put("end_date", "2016-02-20")
            .put("commission", 1e-4 + 1e-9 * submitted++);
    try {
      String id =
          Load.submit(connection, connection.post("/api/v1/backtests/start", body.toString()));
      awaitCompleted(connection, id, POLL, LIMIT);
      HttpConnection.Answer report =
          connection.send(connection.get("/api/v1/operations/%s/report".formatted(id)));
      if (report.status() != 200) {
        throw new IllegalStateException("report: " + report.status() + " " + report.body());
      }
      return report.body().length();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The operation, once it is completed. */
  static JsonNode awaitCompleted(
      HttpConnection connection, String id, Duration poll, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    byte[] request = connection.get("/api/v1/operations/" + id);
    while (true) {
      JsonNode operation = Json.mapper().readTree(connection.send(request).body());
      String status = operation.path("status").asText();
      if (status.equalsIgnoreCase("completed")) {
        return operation;
      }
      if (status.equalsIgnoreCase("failed") || System.nanoTime() > deadline) {
        throw new IllegalStateException("%s is %s: %s".formatted(id, status, operation));
      }
      LockSupport.parkNanos(poll.toNanos());
    }
  }
}
