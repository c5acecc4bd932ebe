package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.Stops;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;

/** Bars with prices of one's choice and a network that says what it is told to. */
final class Scenario {

  static final PreparedModel.Origin ORIGIN =
      new PreparedModel.Origin(
          "m/1d_v1", LocalDate.parse("2015-01-01"), LocalDate.parse("2019-12-31"), "", "");

  static final LocalDate FIRST_DAY = LocalDate.of(2024, 1, 1);
  static final Decisions SHORTS = new Decisions(0.5, true, 0, true, Stops.NONE);
  static final Decisions LONG_ONLY = new Decisions(0.5, true, 0, false, Stops.NONE);

  private Scenario() {}

  /** Daily bars from opens and closes; high and low are the higher and the lower of the two. */
  static BarSeries bars(double[] opens, double[] closes) {
    int n = opens.length;
    long[] times = new long[n];
    double[] high = new double[n];
    double[] low = new double[n];
    for (int i = 0; i < n; i++) {
      times[i] = FIRST_DAY.plusDays(i).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
      high[i] = Math.max(opens[i], closes[i]);
      low[i] = Math.min(opens[i], closes[i]);
    }
    return BarSeries.of("EURUSD", Timeframe.D1, times, opens, high, low, closes, new double[n]);
  }

  /** One character a bar: B, H or S with probability 0.8, b or s with 0.45. */
  static float[] says(String signals) {
    float[] probabilities = new float[signals.length() * ModelBundle.OUTPUTS];
    for (int i = 0; i < signals.length(); i++) {
      char c = signals.charAt(i);
      int wanted = "BHS".indexOf(Character.toUpperCase(c));
      float confidence = Character.isUpperCase(c) ? 0.8f : 0.45f;
      for (int o = 0; o < ModelBundle.OUTPUTS; o++) {
        probabilities[i * ModelBundle.OUTPUTS + o] =
            o == wanted ? confidence : (1 - confidence) / 2;
      }
    }
    return probabilities;
  }

  static Execution costs(double commission, double slippage) {
    return new Execution(Execution.Fill.NEXT_OPEN, commission, 0, 0, 0, slippage, 0, 0, 0, true);
  }

  static EngineRun run(BarSeries bars, String signals, Decisions decisions, Execution costs) {
    return run(bars, says(signals), decisions, costs);
  }

  /** What a model with these answers makes of it, with 95 % of the equity in each position. */
  static EngineRun run(BarSeries bars, float[] says, Decisions decisions, Execution costs) {
    PreparedModel model =
        new PreparedModel(
            bars, says, LabelClasses.SIGNALS, 0, decisions, List.of(bars.timeframe()), 1, ORIGIN);
    Sizing sizing = new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true);
    return run(bars, model, model.stops(), costs, sizing);
  }

  static EngineRun run(
      BarSeries bars, SignalSource signals, Stops stops, Execution execution, Sizing sizing) {
    FillLoop loop =
        new FillLoop(bars, 0, bars.size(), signals, stops, execution, sizing, null, 100_000);
    loop.advance(bars.size());
    loop.reconcile();
    return loop.soFar();
  }

  /** A random walk of daily bars. */
  static BarSeries randomWalk(Random random, int n) {
    double[] opens = new double[n];
    double[] closes = new double[n];
    double price = 0.5 + random.nextDouble() * 100;
    for (int i = 0; i < n; i++) {
      opens[i] = price * Math.exp(random.nextGaussian() * 0.002);
      closes[i] = opens[i] * Math.exp(random.nextGaussian() * 0.01);
      price = closes[i];
    }
    return bars(opens, closes);
  }

  static float[] randomProbabilities(Random random, int n) {
    float[] probabilities = new float[n * ModelBundle.OUTPUTS];
    for (int i = 0; i < n; i++) {
      float a = random.nextFloat();
      float b = random.nextFloat() * (1 - a);
      probabilities[i * 3] = a;
      probabilities[i * 3 + 1] = 1 - a - b;
      probabilities[i * 3 + 2] = b;
    }
    return probabilities;
  }
}
