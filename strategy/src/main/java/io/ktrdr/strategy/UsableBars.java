package io.ktrdr.strategy;

/**
 * Whether bars are enough for a backtest. One rule for the API, which refuses what cannot run, and
 * for the worker, which sees the bars themselves.
 *
 * @param before bars before the range; they only warm up
 * @param within bars within the range
 * @param warmup bars before the first decision: indicators warm up, a sequence becomes whole, and
 *     the sizing
 */
public record UsableBars(int before, int within, int warmup) {

  /** One bar to decide at, and one to be filled at. */
  public static final int NEEDED = 2;

  public boolean enough() {
    return have() >= need();
  }

  /** Bars up to the end of the range. */
  public int have() {
    return before + within;
  }

  /** Fewest bars up to the end of the range with which something can be decided and filled. */
  public int need() {
    return Math.max(before, warmup) + NEEDED;
  }

  /**
   * Says what is missing.
   *
   * @param series what the bars are of, e.g. {@code EURUSD 1d}
   * @param end up to which day they were counted
   */
  public String tooFew(String series, String end) {
    return ("%s has %d bars up to %s, %d of them within the range; indicators and sizing need %d to"
            + " warm up, so have %d, need %d: choose a longer range")
        .formatted(series, have(), end, within, warmup, have(), need());
  }
}
