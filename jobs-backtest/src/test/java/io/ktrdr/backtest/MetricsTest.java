package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final long YEAR_SECONDS = 31_557_600;

  @Test
  void equityFiguresFollowTheirFormulas() {
    // Returns 0.1, -0.1, 0.1 within one year, so P = 3.
    Metrics metrics = new Metrics();
    new EquityMetrics(new double[] {100, 110, 99, 108.9}, YEAR_SECONDS).addTo(metrics);

    double mean = 0.1 / 3;
    double deviation = Math.sqrt((2 * Math.pow(0.1 - mean, 2) + Math.pow(-0.1 - mean, 2)) / 2);
    assertThat(value(metrics, "total_return")).isCloseTo(8.9, within(1e-9));
    assertThat(value(metrics, "total_return_pct")).isCloseTo(0.089, within(1e-12));
    assertThat(value(metrics, "annualized_return")).isCloseTo(0.089, within(1e-12));
    assertThat(value(metrics, "volatility")).isCloseTo(deviation * Math.sqrt(3), within(1e-12));
    assertThat(value(metrics, "sharpe_ratio"))
        .isCloseTo(mean / deviation * Math.sqrt(3), within(1e-9));
    assertThat(value(metrics, "sortino_ratio"))
        .isCloseTo(mean * 3 / (Math.sqrt(0.01 / 3) * Math.sqrt(3)), within(1e-9));
    assertThat(value(metrics, "max_drawdown")).isCloseTo(11, within(1e-9));
    assertThat(value(metrics, "max_drawdown_pct")).isCloseTo(0.1, within(1e-12));
    assertThat(value(metrics, "calmar_ratio")).isCloseTo(0.89, within(1e-9));
    assertThat(value(metrics, "recovery_factor")).isCloseTo(8.9 / 11, within(1e-9));
    assertThat(metrics.undefined()).isEmpty();
  }

  @Test
  void periodsAreCountedNotAssumed() {
    assertThat(new EquityMetrics(new double[261], YEAR_SECONDS).periodsPerYear()).isEqualTo(260);
    assertThat(new EquityMetrics(new double[1], 0).periodsPerYear()).isNaN();
  }

  @Test
  void aFlatEquityHasNoRatiosAndSaysWhy() {
    Metrics metrics = new Metrics();
    new EquityMetrics(new double[] {100, 100, 100}, YEAR_SECONDS).addTo(metrics);

    assertThat(metrics.values().path("sharpe_ratio").isNull()).isTrue();
    assertThat(metrics.undefined())
        .containsEntry("sharpe_ratio", "the equity does not move")
        .containsEntry("sortino_ratio", "no bar with a loss")
        .containsEntry("calmar_ratio", "no drawdown");
    assertThat(value(metrics, "volatility")).isZero();
  }

  @Test
  void capitalThatIsGoneHasNoYearlyReturn() {
    Metrics metrics = new Metrics();
    new EquityMetrics(new double[] {100, 50, -10, -5}, YEAR_SECONDS).addTo(metrics);

    assertThat(metrics.undefined())
        .containsEntry("annualized_return", "the capital is used up")
        .containsEntry("sharpe_ratio", "the capital is used up");
    assertThat(value(metrics, "max_drawdown")).isEqualTo(110);
  }

  @Test
  void tradeFiguresFollowTheirFormulas() {
    Metrics metrics = new Metrics();
    new TradeMetrics(List.of(trade(21, 24), trade(-10, 48), trade(15, 72), trade(0, 12)))
        .addTo(metrics);

    assertThat(value(metrics, "total_trades")).isEqualTo(4);
    assertThat(value(metrics, "winning_trades")).isEqualTo(2);
    assertThat(value(metrics, "losing_trades")).isEqualTo(1);
    assertThat(value(metrics, "win_rate")).isEqualTo(0.5);
    assertThat(value(metrics, "profit_factor")).isCloseTo(3.6, within(1e-12));
    assertThat(value(metrics, "avg_holding_period")).isEqualTo(39);
    assertThat(value(metrics, "avg_win_holding_period")).isEqualTo(48);
    assertThat(value(metrics, "avg_loss_holding_period")).isEqualTo(48);
    assertThat(value(metrics, "avg_win")).isEqualTo(18);
    assertThat(value(metrics, "avg_loss")).isEqualTo(-10);
    assertThat(value(metrics, "largest_win")).isEqualTo(21);
    assertThat(value(metrics, "largest_loss")).isEqualTo(-10);
    assertThat(value(metrics, "expectancy")).isEqualTo(6.5);
    // Deviations 14.5, -16.5, 8.5, -6.5: squares add up to 597.
    assertThat(value(metrics, "sqn")).isCloseTo(2 * 6.5 / Math.sqrt(597 / 3.0), within(1e-9));
    // Winners gain 18 on average and losers lose 10, so the ratio is 1.8.
    assertThat(value(metrics, "expectancy_ratio")).isCloseTo(2.8 * 0.5 - 1, within(1e-12));
    assertThat(value(metrics, "kelly_fraction")).isCloseTo(0.5 - 0.5 / 1.8, within(1e-12));
    assertThat(value(metrics, "total_commission")).isEqualTo(8);
    assertThat(value(metrics, "total_slippage")).isEqualTo(2);
  }

  @Test
  void withoutTradesOrLossesFiguresAreNullWithAReason() {
    Metrics none = new Metrics();
    new TradeMetrics(List.of()).addTo(none);
    Metrics winners = new Metrics();
    new TradeMetrics(List.of(trade(5, 1))).addTo(winners);

    assertThat(none.values().path("win_rate").isNull()).isTrue();
    assertThat(none.undefined())
        .containsEntry("win_rate", "no trades")
        .containsEntry("profit_factor", "no trades")
        .containsEntry("avg_win", "no winning trades")
        .containsEntry("sqn", "fewer than two trades");
    assertThat(winners.undefined())
        .containsEntry("profit_factor", "no losing trades")
        .containsEntry("largest_loss", "no losing trades");
  }

  /** Expected values by Python's statistics module. */
  @Test
  void riskFiguresFollowTheirFormulas() {
    double[] equity = {100, 110, 99, 108.9, 98.01, 103, 104};
    long[] times = {0, 86_400, 2 * 86_400, 3 * 86_400, 4 * 86_400, 5 * 86_400, 8 * 86_400};
    Metrics metrics = new Metrics();
    new RiskMetrics(equity, times, 0).addTo(metrics);

    assertThat(value(metrics, "value_at_risk_95")).isCloseTo(-0.09999999999999998, within(1e-12));
    assertThat(value(metrics, "cvar_95")).isCloseTo(-0.09999999999999998, within(1e-12));
    assertThat(value(metrics, "omega_ratio")).isCloseTo(1.3031095499468561, within(1e-12));
    assertThat(value(metrics, "tail_ratio")).isCloseTo(1.000000000000001, within(1e-12));
    assertThat(value(metrics, "skewness")).isCloseTo(-0.3260054087374455, within(1e-11));
    assertThat(value(metrics, "kurtosis")).isCloseTo(1.4483518991904956, within(1e-11));
    assertThat(value(metrics, "probabilistic_sharpe_ratio"))
        .isCloseTo(0.5955411380277946, within(1e-12));
    assertThat(value(metrics, "stability")).isCloseTo(0.0016431090925310076, within(1e-11));
    assertThat(value(metrics, "ulcer_index")).isCloseTo(0.06437145927952602, within(1e-12));
    // From the peak at bar 1 to the end, which is a weekend later.
    assertThat(value(metrics, "longest_drawdown_bars")).isEqualTo(5);
    assertThat(value(metrics, "longest_drawdown_days")).isEqualTo(7);
  }

  @Test
  void theLongestDrawdownInDaysIsLookedForByItself() {
    long day = 86_400;
    double[] equity = {100, 101, 100, 102, 101, 103, 104, 103};
    // Two of two bars, the second over a weekend; before the last bar, a month without any.
    long[] times = {0, day, 2 * day, 3 * day, 4 * day, 7 * day, 37 * day, 38 * day};
    Metrics metrics = new Metrics();
    new RiskMetrics(equity, times, 0).addTo(metrics);
    Metrics atTheEnd = new Metrics();
    new RiskMetrics(new double[] {100, 101, 102, 101}, new long[] {0, day, 2 * day, 5 * day}, 0)
        .addTo(atTheEnd);

    assertThat(value(metrics, "longest_drawdown_bars")).isEqualTo(2);
    assertThat(value(metrics, "longest_drawdown_days")).isEqualTo(4);
    assertThat(value(atTheEnd, "longest_drawdown_bars")).isEqualTo(1);
    assertThat(value(atTheEnd, "longest_drawdown_days")).isEqualTo(3);
  }

  @Test
  void benchmarkFiguresFollowTheirFormulas() {
    double[] equity = {100, 110, 99, 108.9, 98.01, 103, 104};
    double[] closes = {10, 10.5, 10.2, 10.6, 10.1, 10.3, 10.4};
    Metrics metrics = new Metrics();
    new BenchmarkMetrics(equity, closes, 252).addTo(metrics);

    assertThat(value(metrics, "buy_and_hold_return_pct")).isCloseTo(0.04, within(1e-12));
    assertThat(value(metrics, "beta")).isCloseTo(2.3649414681270104, within(1e-11));
    assertThat(value(metrics, "alpha")).isCloseTo(-0.8226111729779061, within(1e-11));
    assertThat(value(metrics, "information_ratio")).isCloseTo(0.85182597570809, within(1e-10));
    assertThat(value(metrics, "correlation")).isCloseTo(0.9822246570612976, within(1e-12));
  }

  @Test
  void aFlatEquityHasNoRiskFiguresAndSaysWhy() {
    Metrics metrics = new Metrics();
    double[] flat = {100, 100, 100};
    new RiskMetrics(flat, new long[] {0, 1, 2}, 0).addTo(metrics);
    new BenchmarkMetrics(flat, new double[] {1, 1, 1}, 252).addTo(metrics);

    assertThat(metrics.undefined())
        .containsEntry("omega_ratio", "no bar with a loss")
        .containsEntry("probabilistic_sharpe_ratio", "the equity does not move")
        .containsEntry("stability", "the equity does not move")
        .containsEntry("beta", "the price does not move");
    assertThat(value(metrics, "longest_drawdown_bars")).isZero();
  }

  @Test
  void normalDistributionIsExactInTheMiddleAndInTheTails() {
    assertThat(RiskMetrics.normal(0)).isEqualTo(0.5);
    assertThat(RiskMetrics.normal(-1.5)).isCloseTo(0.06680720126885809, within(1e-15));
    assertThat(RiskMetrics.normal(2)).isCloseTo(0.9772498680518208, within(1e-15));
    assertThat(RiskMetrics.normal(-2.5) / 0.006209665325776139).isCloseTo(1, within(2e-14));
    assertThat(RiskMetrics.normal(-4.9) / 4.791832765903205e-7).isCloseTo(1, within(2e-14));
    assertThat(RiskMetrics.normal(-6) / 9.865876450377012e-10).isCloseTo(1, within(1e-12));
    assertThat(RiskMetrics.normal(5.5)).isCloseTo(0.9999999810104375, within(1e-15));
  }

  private static double value(Metrics metrics, String name) {
    JsonNode node = metrics.values().path(name);
    assertThat(node.isNumber()).as(name).isTrue();
    return node.doubleValue();
  }

  private static Trade trade(double net, int hours) {
    Instant entry = Instant.parse("2024-01-01T00:00:00Z");
    return new Trade(
        1,
        Side.LONG,
        0,
        entry,
        entry.plusSeconds(hours * 3600L),
        1,
        net + 3,
        1,
        1,
        1,
        0.5,
        0,
        1,
        1,
        1,
        ExitReason.OPPOSITE_SIGNAL);
  }
}
