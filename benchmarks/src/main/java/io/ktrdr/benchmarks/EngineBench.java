package io.ktrdr.benchmarks;

import com.sun.management.ThreadMXBean;
import io.ktrdr.backtest.RulesBacktest;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.indicator.IndicatorCache;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleSupplier;

/** The engine in this JVM: alone, beside ta4j's, many in a row, and what it keeps in memory. */
final class EngineBench {

  private static final double ENGINE_TARGET_NS = 20;
  private static final double TA4J_TARGET = 20;
  private static final double SWEEP_TARGET = 20_000;
  private static final double BYTES_TARGET = 100;

  private static final int RUNS_IN_A_ROW = 10;

  private static final int SWEEP_BARS = 10_000;
  private static final int SWEEP_SIDE = 20;
  private static final int SWEEP_THREADS = 2;

  private final int bars;
  private final int repeats;
  private final Progress progress;
  private final List<Measurement> measurements = new ArrayList<>();

  /**
   * @param bars of the long run
   * @param repeats that are measured, of everything
   */
  EngineBench(int bars, int repeats, Progress progress) {
    this.bars = bars;
    this.repeats = repeats;
    this.progress = progress;
  }

  List<Measurement> run() {
    BarSeries prices = SyntheticPrices.bars(bars, Timeframe.M1);
    RulesStrategy strategy = Cross.strategy(Cross.FAST, Cross.SLOW);
    memory(strategy);
    againstTa4j(strategy, prices);
    sweep();
    return List.copyOf(measurements);
  }

  private void againstTa4j(RulesStrategy strategy, BarSeries prices) {
    RulesBacktest prepared = Cross.prepared(strategy, prices);
    Ta4jCross ta4j = new Ta4jCross(prices);
    int trades = ta4j.requireSameTrades(prepared.run());
    progress.say(
        String.format(
            Locale.ROOT, "  %,d bars: the same %,d trades and results as ta4j", bars, trades));

    List<Double> engine =
        Stopwatch.seconds(2 * repeats, repeats, () -> prepared.run().finalEquity());
    add("engine alone", "ns/bar", perBar(engine), ENGINE_TARGET_NS, false);
    besideTa4j(strategy, prices, ta4j, RUNS_IN_A_ROW);
    besideTa4j(strategy, prices, ta4j, 1);
  }

  /**
   * In turns, so that whatever else the machine does meets both, and each from a heap without
   * garbage: nobody pays for what the other has left. Ours records equity, positions and trades;
   * only the digest of its orders is left to {@link RulesBacktest#run}, as ta4j makes none.
   *
   * @param runs of each before the other's turn. Of several in a row the later ones pay for the
   *     garbage of the earlier, as in a process that does nothing else; a single one pays for none.
   */
  private void besideTa4j(RulesStrategy strategy, BarSeries prices, Ta4jCross ta4j, int runs) {
    DoubleSupplier our = () -> Cross.prepared(strategy, prices).finalEquity();
    DoubleSupplier their = () -> ta4j.run().getPositionCount();
    Stopwatch.seconds(repeats, 1, our);
    Stopwatch.seconds(1, 1, their);
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < repeats; i++) {
      theirs.add(perBar(their, runs));
      ours.add(perBar(our, runs));
      ratios.add(theirs.getLast() / ours.getLast());
      progress.bar("beside ta4j", (double) (i + 1) / repeats);
    }
    String what = runs == 1 ? ", a single run" : ", " + runs + " in a row";
    add("with indicators" + what, "ns/bar", ours);
    add("ta4j" + what, "ns/bar", theirs);
    if (runs == 1) {
      add("in ta4j's time" + what, "×", ratios);
    } else {
      add("in ta4j's time" + what, "×", ratios, TA4J_TARGET, true);
    }
  }

  private double perBar(DoubleSupplier work, int runs) {
    System.gc();
    double seconds =
        Stopwatch.seconds(0, runs, work).stream().mapToDouble(Double::doubleValue).sum();
    return seconds / runs * 1e9 / bars;
  }

  /** Every pair of a fast and a slow period, on all cores the target speaks of. */
  private void sweep() {
    BarSeries prices = SyntheticPrices.bars(SWEEP_BARS, Timeframe.H1);
    IndicatorCache indicators = new IndicatorCache();
    List<RulesBacktest> runs = new ArrayList<>();
    for (int fast = 5; fast < 5 + SWEEP_SIDE; fast++) {
      for (int slow = 30; slow < 30 + SWEEP_SIDE; slow++) {
        runs.add(Cross.prepared(Cross.strategy(fast, slow), prices, indicators));
      }
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(SWEEP_THREADS)) {
      List<Double> rates =
          Stopwatch.seconds(10 * repeats, 5 * repeats, () -> best(threads, runs)).stream()
              .map(seconds -> runs.size() / seconds)
              .toList();
      add("400 pairs of 10,000 bars", "runs/s", rates, SWEEP_TARGET, true);
    }
  }

  private static double best(ExecutorService threads, List<RulesBacktest> runs) {
    List<Future<Double>> parts = new ArrayList<>();
    int each = runs.size() / SWEEP_THREADS;
    for (int part = 0; part < SWEEP_THREADS; part++) {
      List<RulesBacktest> some = runs.subList(part * each, (part + 1) * each);
      parts.add(
          threads.submit(
              () -> some.stream().mapToDouble(RulesBacktest::finalEquity).max().orElseThrow()));
    }
    try {
      double best = 0;
      for (Future<Double> part : parts) {
        best = Math.max(best, part.get());
      }
      return best;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Heap that prices, columns and result of a run hold at its end. */
  private void memory(RulesStrategy strategy) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double before = usedHeap();
    BarSeries prices = SyntheticPrices.bars(bars, Timeframe.M1);
    long allocated = threads.getCurrentThreadAllocatedBytes();
    RulesBacktest prepared = Cross.prepared(strategy, prices);
    Object[] inUse = {prices, prepared, prepared.run()};
    try {
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      double held = usedHeap() - before;
      add("held at the end of a run", "bytes/bar", List.of(held / bars), BYTES_TARGET, false);
      add("allocated by a run, prices apart", "bytes/bar", List.of((double) allocated / bars));
    } finally {
      Reference.reachabilityFence(inUse);
    }
  }

  private static double usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - (double) Runtime.getRuntime().freeMemory();
  }

  private List<Double> perBar(List<Double> seconds) {
    return seconds.stream().map(s -> s * 1e9 / bars).toList();
  }

  private void add(String name, String unit, List<Double> values) {
    add(name, unit, values, Double.NaN, false);
  }

  private void add(String name, String unit, List<Double> values, double target, boolean atLeast) {
    Measurement measurement = new Measurement(name, unit, values, target, atLeast);
    measurements.add(measurement);
    progress.say(measurement.row());
  }
}
