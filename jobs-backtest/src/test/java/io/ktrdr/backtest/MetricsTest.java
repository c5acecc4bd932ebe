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
        entry,
        entry.plusSeconds(hours * 3600L),
        1.1,
        1.2,
        100,
        net + 2,
        1,
        1,
        0.5,
        net,
        1,
        1,
        1,
        ExitReason.OPPOSITE_SIGNAL,
        0.8);
  }
}
