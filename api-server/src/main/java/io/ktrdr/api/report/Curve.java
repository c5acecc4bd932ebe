package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.MappingIterator;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.table.TableReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * An equity curve as columns: bar times in epoch seconds, closes and equity. At least one point.
 *
 * <p>Never written to after it was made.
 */
final class Curve {

  private static final long SECONDS_PER_DAY = 86_400;
  private static final double SECONDS_PER_YEAR = 365.25 * 24 * 3600;

  private final long[] times;
  private final double[] prices;
  private final double[] equity;

  private Curve(long[] times, double[] prices, double[] equity) {
    this.times = times;
    this.prices = prices;
    this.equity = equity;
  }

  private record Point(String timestamp, double price, double portfolioValue) {}

  /** Reads the artifact a backtest stores: a table, or the JSON array of earlier versions. */
  static Curve read(byte[] stored) {
    return TableReader.isTable(stored) ? ofTable(new TableReader(stored)) : ofJson(stored);
  }

  private static Curve ofTable(TableReader table) {
    int n = table.rows();
    if (n == 0) {
      throw new IllegalArgumentException("an equity curve without points");
    }
    Curve curve = new Curve(new long[n], new double[n], new double[n]);
    int time = table.column("timestamp");
    int price = table.column("price");
    int value = table.column("portfolio_value");
    for (int i = 0; table.next(); i++) {
      curve.times[i] = table.integer(time);
      curve.prices[i] = table.number(price);
      curve.equity[i] = table.number(value);
    }
    return curve;
  }

  private static Curve ofJson(byte[] json) {
    long[] times = new long[1024];
    double[] prices = new double[1024];
    double[] equity = new double[1024];
    int n = 0;
    try (MappingIterator<Point> points = Json.mapper().readerFor(Point.class).readValues(json)) {
      while (points.hasNextValue()) {
        Point point = points.nextValue();
        if (n == times.length) {
          times = Arrays.copyOf(times, 2 * n);
          prices = Arrays.copyOf(prices, 2 * n);
          equity = Arrays.copyOf(equity, 2 * n);
        }
        times[n] = Instant.parse(point.timestamp()).getEpochSecond();
        prices[n] = point.price();
        equity[n] = point.portfolioValue();
        n++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (n == 0) {
      throw new IllegalArgumentException("an equity curve without points");
    }
    return new Curve(Arrays.copyOf(times, n), Arrays.copyOf(prices, n), Arrays.copyOf(equity, n));
  }

  /**
   * The same with that capital at the first close, from which all figures count: an order filled at
   * that very close has cost something by then.
   */
  Curve from(double capital) {
    if (equity[0] == capital) {
      return this;
    }
    double[] values = equity.clone();
    values[0] = capital;
    return new Curve(times, prices, values);
  }

  int size() {
    return times.length;
  }

  long[] times() {
    return times;
  }

  double[] prices() {
    return prices;
  }

  double[] equity() {
    return equity;
  }

  /** What holding the instrument would have made of the same capital. */
  double[] benchmark() {
    double[] values = new double[prices.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = equity[0] * prices[i] / prices[0];
    }
    return values;
  }

  /** {@code 1 - E / highest E so far}, as a negative number. */
  double[] underwater() {
    double[] values = new double[equity.length];
    double peak = equity[0];
    for (int i = 0; i < values.length; i++) {
      peak = Math.max(peak, equity[i]);
      values[i] = equity[i] / peak - 1;
    }
    return values;
  }

  /** {@code E_i / E_{i-1} - 1}. */
  double[] returns() {
    return returns(equity);
  }

  /** Each value by the one before it, less 1; one fewer than values. */
  static double[] returns(double[] levels) {
    double[] values = new double[levels.length - 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = levels[i + 1] / levels[i] - 1;
    }
    return values;
  }

  /** P: returns by years of 365.25 days; not a number without any. */
  double periodsPerYear() {
    return times.length < 2
        ? Double.NaN
        : (times.length - 1) / ((times[times.length - 1] - times[0]) / SECONDS_PER_YEAR);
  }

  /** Return of each month, from the last close of the month before, by UTC; oldest first. */
  Map<YearMonth, Double> monthly() {
    return changes(equity, at -> YearMonth.of(at.getYear(), at.getMonth()));
  }

  /** Return of each year, from the last close of the year before, by UTC; oldest first. */
  Map<Integer, Double> yearly() {
    return changes(equity, LocalDate::getYear);
  }

  /** As {@link #yearly}, of holding the instrument. */
  Map<Integer, Double> yearlyBenchmark() {
    return changes(prices, LocalDate::getYear);
  }

  private <P extends Comparable<P>> Map<P, Double> changes(
      double[] levels, Function<LocalDate, P> period) {
    Map<P, Double> lastOf = new TreeMap<>();
    long day = Long.MIN_VALUE;
    P current = period.apply(LocalDate.EPOCH);
    for (int i = 0; i < times.length; i++) {
      // Thousands of bars may lie in a day.
      long today = Math.floorDiv(times[i], SECONDS_PER_DAY);
      if (today != day) {
        day = today;
        current = period.apply(LocalDate.ofEpochDay(today));
      }
      lastOf.put(current, levels[i]);
    }
    double before = levels[0];
    for (Map.Entry<P, Double> of : lastOf.entrySet()) {
      double last = of.getValue();
      of.setValue(last / before - 1);
      before = last;
    }
    return lastOf;
  }

  /**
   * A fall below a peak.
   *
   * @param recovery where the peak is reached again; the last point when it is not
   */
  record Drawdown(int peak, int trough, int recovery, boolean recovered, double depth) {}

  /** The deepest ones, deepest first. */
  List<Drawdown> worst(int most) {
    List<Drawdown> all = new ArrayList<>();
    int peak = 0;
    int trough = 0;
    for (int i = 1; i <= equity.length; i++) {
      boolean end = i == equity.length;
      if (end || equity[i] >= equity[peak]) {
        if (trough > peak) {
          double depth = 1 - equity[trough] / equity[peak];
          all.add(new Drawdown(peak, trough, end ? i - 1 : i, !end, depth));
        }
        peak = Math.min(i, equity.length - 1);
        trough = peak;
      } else if (equity[i] < equity[trough]) {
        trough = i;
      }
    }
    return all.stream()
        .sorted(Comparator.comparingDouble(Drawdown::depth).reversed())
        .limit(most)
        .toList();
  }
}
