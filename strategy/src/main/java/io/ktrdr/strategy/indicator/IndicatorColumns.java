package io.ktrdr.strategy.indicator;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Sha256;
import java.lang.ref.SoftReference;
import java.util.HashMap;
import java.util.Map;

/**
 * Indicators over one series, each computed once, also those too large for the cache as long as the
 * heap has room. Not thread-safe: one per build.
 */
public final class IndicatorColumns {

  private final BarSeries bars;
  private final Sha256 fingerprint;
  private final IndicatorCache cache;
  private final PriceColumns prices;
  private final Runnable between;

  /** What was asked for before; given up rather than run out of memory. */
  private final Map<IndicatorCache.Key, SoftReference<double[][]>> known = new HashMap<>();

  /** As the other, of a caller that will not want to stop. */
  public IndicatorColumns(BarSeries bars, IndicatorCache cache) {
    this(bars, cache, () -> {});
  }

  /**
   * @param cache of the process, or one of its own
   * @param between called before each column, and within those that take long; what it throws ends
   *     the computing
   */
  public IndicatorColumns(BarSeries bars, IndicatorCache cache, Runnable between) {
    this.bars = bars;
    this.fingerprint = bars.fingerprint();
    this.cache = cache;
    this.prices = new PriceColumns(bars, between);
    this.between = between;
  }

  /** One output of an indicator, a value a bar. Shared: never write to it. */
  public double[] column(IndicatorSpec spec, String output) {
    if (bars.size() == 0) {
      return new double[0];
    }
    between.run();
    IndicatorCache.Key key =
        new IndicatorCache.Key(spec.type().name(), spec.parameters(), fingerprint);
    SoftReference<double[][]> before = known.get(key);
    double[][] columns = before == null ? null : before.get();
    if (columns == null) {
      columns = cache.columns(key, () -> spec.type().compute(prices, spec.parameters()));
      known.put(key, new SoftReference<>(columns));
    }
    return columns[spec.type().outputs().indexOf(output)];
  }
}
