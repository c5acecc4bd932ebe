package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What progress, cancel and checkpoints cost a backtest of rules over a million bars, in a worker
 * process with its API, broker and database. A run with them and one without differ by less than
 * two equal runs do; so their own time is taken, inside the run, and held against the run's.
 */
final class WatchedBench {

  static final int BARS = 1_000_000;

  /** Of the long run: after every 10,000 bars there is a report, and a checkpoint is offered. */
  static final int OFFERS = 100;

  static final int WARM_UP = 3;
  static final int REPEATS = 9;

  static final Timeframe TIMEFRAME = Timeframe.M1;

  private static final double TARGET_PERCENT = 1;
  private static final double CHECKPOINT_INTERVAL_NANOS = 30e9;

  /** Seldom: the machine is the worker's. */
  private static final Duration POLL = Duration.ofMillis(500);

  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final BenchSystem system;

  WatchedBench(BenchSystem system) {
    this.system = system;
  }

  List<Measurement> run() {
    system.startWatchedWorker();
    try (HttpConnection connection = new HttpConnection(system.apiPort())) {
      String id =
          Load.submit(connection, connection.post("/api/v1/backtests/start", body().toString()));
      return measurements(RoundTrip.awaitCompleted(connection, id, POLL, LIMIT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode body() {
    return Json.mapper()
        .createObjectNode()
        .put("strategy_yaml", Cross.yaml(Cross.FAST, Cross.SLOW))
        .put("symbol", SyntheticPrices.SYMBOL)
        .put("timeframe", TIMEFRAME.wireName())
        .put("start_date", "2015-01-01")
        .put("end_date", "2016-12-31")
        .put("initial_capital", Cross.CAPITAL)
        .put("commission", Cross.COMMISSION_RATE)
        .put("slippage", 0)
        .set(
            "sizing",
            Json.mapper().createObjectNode().put("kind", "fixed_units").put("value", Cross.UNITS));
  }

  private static List<Measurement> measurements(JsonNode operation) {
    JsonNode times = operation.path("result").path(WatchedHandler.TIMES);
    List<Double> ofRun = percent(times, WatchedHandler.OF_RUN, WatchedHandler.RUN);
    List<Double> ofBars = percent(times, WatchedHandler.OF_BARS, WatchedHandler.BARS);
    List<Double> beside = percent(times, WatchedHandler.BESIDE, WatchedHandler.RUN);
    List<Double> checkpoint = new ArrayList<>();
    List<Double> together = new ArrayList<>();
    for (int i = 0; i < ofRun.size(); i++) {
      double nanos = times.path(WatchedHandler.CHECKPOINT).path(i).asDouble();
      checkpoint.add(nanos / 1e6);
      together.add(ofRun.get(i) + 100 * nanos / CHECKPOINT_INTERVAL_NANOS);
    }
    return List.of(
        plain("progress and cancel, of the bars", "%", ofBars),
        plain("progress and cancel, of a run", "%", ofRun),
        plain("a checkpoint at the millionth bar", "ms", checkpoint),
        new Measurement("both, a checkpoint every 30 s", "%", together, TARGET_PERCENT, false),
        plain("CPU of a worker's other threads", "% of a core", beside));
  }

  private static Measurement plain(String name, String unit, List<Double> values) {
    return new Measurement(name, unit, values, Double.NaN, false);
  }

  private static List<Double> percent(JsonNode times, String part, String whole) {
    List<Double> shares = new ArrayList<>();
    for (int i = 0; i < times.path(whole).size(); i++) {
      shares.add(100 * times.path(part).path(i).asDouble() / times.path(whole).path(i).asDouble());
    }
    return shares;
  }
}
