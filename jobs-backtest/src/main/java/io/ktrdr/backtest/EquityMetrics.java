package io.ktrdr.backtest;

/**
 * Figures of an equity curve {@code E_0 … E_n}: the initial capital at the range's first close (see
 * {@link EngineRun#curve}), then one value per bar close.
 *
 * <p>{@code r_i = E_i / E_{i-1} - 1}; Y is the time between the first and the last close in years
 * of 365.25 days; {@code P = n / Y}, the periods a year that were really observed. No risk-free
 * rate is taken off.
 *
 * <ul>
 *   <li>annualized return {@code (E_n / E_0)^(1/Y) - 1}
 *   <li>volatility {@code std(r) √P}, sample deviation (n - 1)
 *   <li>Sharpe {@code mean(r) / std(r) √P}, sample deviation
 *   <li>Sortino {@code mean(r) √P / √mean(min(r, 0)²)}, the mean over all n
 *   <li>maximum drawdown: largest {@code 1 - E_i / max(E_0 … E_i)}; in money, largest {@code
 *       max(E_0 … E_i) - E_i}
 *   <li>Calmar: annualized return by maximum drawdown; recovery factor: total return in money by
 *       maximum drawdown in money
 * </ul>
 *
 * <p>All are fractions, not percentages.
 */
final class EquityMetrics {

  private static final double SECONDS_PER_YEAR = 365.25 * 24 * 3600;

  /** Deviations below this are rounding, not movement. */
  private static final double DEVIATION_MIN = 1e-12;

  private final double[] equity;
  private final double years;

  /**
   * @param seconds from the first to the last close
   */
  EquityMetrics(double[] equity, long seconds) {
    this.equity = equity;
    this.years = seconds / SECONDS_PER_YEAR;
  }

  /** P; NaN with fewer than two points. */
  double periodsPerYear() {
    return equity.length < 2 || years <= 0 ? Double.NaN : (equity.length - 1) / years;
  }

  void addTo(Metrics metrics) {
    double start = equity[0];
    double end = equity[equity.length - 1];
    metrics.number("total_return", end - start);
    metrics.number("total_return_pct", end / start - 1);
    metrics.number("final_equity", end);
    double annualized = years > 0 && end > 0 ? Math.pow(end / start, 1 / years) - 1 : Double.NaN;
    metrics.number("annualized_return", annualized, "the capital is used up");
    addReturnMetrics(metrics);
    addDrawdownMetrics(metrics, annualized, end - start);
  }

  private void addReturnMetrics(Metrics metrics) {
    int n = equity.length - 1;
    String reason = whyNoRatios(equity);
    if (!reason.isEmpty()) {
      for (String name : new String[] {"volatility", "sharpe_ratio", "sortino_ratio"}) {
        metrics.undefine(name, reason);
      }
      return;
    }
    double[] returns = returns(equity);
    double sum = 0;
    double belowSquares = 0;
    for (double change : returns) {
      sum += change;
      belowSquares += change < 0 ? change * change : 0;
    }
    double mean = sum / n;
    double squares = 0;
    for (double change : returns) {
      squares += (change - mean) * (change - mean);
    }
    double deviation = Math.sqrt(squares / (n - 1));
    double rootPeriods = Math.sqrt(periodsPerYear());
    metrics.number("volatility", deviation * rootPeriods);
    ratio(metrics, "sharpe_ratio", mean * rootPeriods, deviation, "the equity does not move");
    double downside = Math.sqrt(belowSquares / n);
    ratio(metrics, "sortino_ratio", mean * rootPeriods, downside, "no bar with a loss");
  }

  /** Why the returns of a curve are nothing to calculate with; empty when they are. */
  static String whyNoRatios(double[] equity) {
    if (equity.length < 3) {
      return "fewer than two returns";
    }
    for (int i = 0; i < equity.length - 1; i++) {
      if (!(equity[i] > 0)) {
        return "the capital is used up";
      }
    }
    return "";
  }

  /** {@code E_i / E_{i-1} - 1}, one fewer than points. */
  static double[] returns(double[] equity) {
    double[] returns = new double[equity.length - 1];
    for (int i = 0; i < returns.length; i++) {
      returns[i] = equity[i + 1] / equity[i] - 1;
    }
    return returns;
  }

  private static void ratio(
      Metrics metrics, String name, double above, double below, String reasonWhenZero) {
    if (below < DEVIATION_MIN) {
      metrics.undefine(name, reasonWhenZero);
    } else {
      metrics.number(name, above / below);
    }
  }

  private void addDrawdownMetrics(Metrics metrics, double annualized, double totalReturn) {
    double peak = equity[0];
    double deepest = 0;
    double deepestMoney = 0;
    for (double value : equity) {
      peak = Math.max(peak, value);
      deepest = Math.max(deepest, 1 - value / peak);
      deepestMoney = Math.max(deepestMoney, peak - value);
    }
    metrics.number("max_drawdown", deepestMoney);
    metrics.number("max_drawdown_pct", deepest);
    if (deepestMoney > 0) {
      metrics.number("calmar_ratio", annualized / deepest, "the capital is used up");
      metrics.number("recovery_factor", totalReturn / deepestMoney);
    } else {
      metrics.undefine("calmar_ratio", "no drawdown");
      metrics.undefine("recovery_factor", "no drawdown");
    }
  }
}
