package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.backtest.BacktestHandler;
import io.ktrdr.market.BarSeries;
import io.ktrdr.market.CsvBarReader;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.protocol.table.TableReader;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ta4j.core.BaseBarSeriesBuilder;
import org.ta4j.core.BaseStrategy;
import org.ta4j.core.Position;
import org.ta4j.core.Rule;
import org.ta4j.core.Trade.TradeType;
import org.ta4j.core.analysis.cost.LinearTransactionCostModel;
import org.ta4j.core.analysis.cost.ZeroCostModel;
import org.ta4j.core.backtest.BarSeriesManager;
import org.ta4j.core.backtest.TradeOnNextOpenModel;
import org.ta4j.core.indicators.averages.SMAIndicator;
import org.ta4j.core.indicators.helpers.ClosePriceIndicator;
import org.ta4j.core.num.DoubleNumFactory;
import org.ta4j.core.num.Num;
import org.ta4j.core.rules.CrossedDownIndicatorRule;
import org.ta4j.core.rules.CrossedUpIndicatorRule;

/**
 * A backtest of rules has the trades and results that ta4j's BarSeriesManager has, from the same
 * CSV: an engine of other hands. ta4j holds one side at a time, so each side is held against a run
 * of its own.
 */
class Ta4jBacktestTest {

  private static final double RATE = 0.001;
  private static final int UNITS = 100;
  private static final int FAST = 5;
  private static final int SLOW = 20;

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @ParameterizedTest
  @ValueSource(strings = {"EURUSD", "GBPUSD", "USDJPY"})
  void tradesOfTheShippedDataAreThoseOfTa4j(String symbol) throws Exception {
    byte[] csv = Files.readAllBytes(Path.of("..", "data", symbol + "_1d.csv"));

    assertSameTrades(symbol, csv, TradeType.BUY, "long");
    assertSameTrades(symbol, csv, TradeType.SELL, "short");
  }

  /** Whole prices in a narrow range, so that the averages are often equal. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void tiesAreCrossedAsTa4jCrossesThem(int seed) throws Exception {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    int open = 100;
    for (int i = 0; i < 2_000; i++) {
      int close = Math.clamp(open + random.nextInt(-1, 2), 98, 102);
      csv.append(
          "%sT00:00:00Z,%d,%d,%d,%d,0\n"
              .formatted(
                  LocalDate.of(2015, 1, 1).plusDays(i),
                  open,
                  Math.max(open, close),
                  Math.min(open, close),
                  close));
      open = close;
    }
    byte[] bytes = csv.toString().getBytes(StandardCharsets.UTF_8);

    assertSameTrades("TIES", bytes, TradeType.BUY, "long");
    assertSameTrades("TIES", bytes, TradeType.SELL, "short");
  }

  private void assertSameTrades(String symbol, byte[] csv, TradeType type, String side)
      throws Exception {
    BarSeries bars = CsvBarReader.read(csv, symbol, Timeframe.D1);
    List<Position> expected = ta4j(bars, type);
    List<Ours> trades = ours(bars, csv, type, side);

    assertThat(expected).as("closed trades of ta4j").hasSizeGreaterThan(20);
    assertThat(trades).as("closed trades").hasSameSizeAs(expected);
    for (int i = 0; i < trades.size(); i++) {
      Ours trade = trades.get(i);
      Position other = expected.get(i);
      String what = "%s %s, trade %d: %s".formatted(symbol, side, i, other);
      assertThat(trade.entryTime()).as(what).isEqualTo(bars.times()[other.getEntry().getIndex()]);
      assertThat(trade.exitTime()).as(what).isEqualTo(bars.times()[other.getExit().getIndex()]);
      assertThat(trade.netPnl())
          .as(what)
          .isCloseTo(other.getProfit().doubleValue(), within(1e-9 * UNITS * bars.close()[0]));
    }
  }

  private static List<Position> ta4j(BarSeries bars, TradeType type) {
    org.ta4j.core.BarSeries series =
        new BaseBarSeriesBuilder().withNumFactory(DoubleNumFactory.getInstance()).build();
    Duration day = Duration.ofDays(1);
    for (int i = 0; i < bars.size(); i++) {
      series
          .barBuilder()
          .timePeriod(day)
          .endTime(bars.time(i).plus(day))
          .openPrice(bars.open()[i])
          .highPrice(bars.high()[i])
          .lowPrice(bars.low()[i])
          .closePrice(bars.close()[i])
          .add();
    }
    ClosePriceIndicator close = new ClosePriceIndicator(series);
    SMAIndicator fast = new SMAIndicator(close, FAST);
    SMAIndicator slow = new SMAIndicator(close, SLOW);
    Rule up = new CrossedUpIndicatorRule(fast, slow);
    Rule down = new CrossedDownIndicatorRule(fast, slow);
    boolean buys = type == TradeType.BUY;
    BaseStrategy strategy = new BaseStrategy(buys ? up : down, buys ? down : up, SLOW);
    Num units = series.numFactory().numOf(UNITS);
    return new BarSeriesManager(
            series,
            new LinearTransactionCostModel(RATE),
            new ZeroCostModel(),
            new TradeOnNextOpenModel())
        .run(strategy, type, units)
        .getPositions();
  }

  private List<Ours> ours(BarSeries bars, byte[] csv, TradeType type, String side)
      throws Exception {
    String yaml =
        """
        name: cross
        indicators:
          fast: {type: sma, period: %d}
          slow: {type: sma, period: %d}
        decisions:
          kind: rules
          enter_%s: {%s: [fast, slow]}
          exit_%s: {%s: [fast, slow]}
        """
            .formatted(
                FAST,
                SLOW,
                side,
                type == TradeType.BUY ? "crosses_above" : "crosses_below",
                side,
                type == TradeType.BUY ? "crosses_below" : "crosses_above");
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            "cross",
            new OperationSpec.Decider.Rules(yaml),
            new DatasetRef(bars.symbol(), Timeframe.D1, run.give(csv)),
            LocalDate.of(1970, 1, 1),
            LocalDate.of(2100, 1, 1),
            1e9,
            new Execution(Execution.Fill.NEXT_OPEN, RATE, 0, 0, 0, 0, 0, 0, 0, true),
            new Sizing(Sizing.Kind.FIXED_UNITS, UNITS, true),
            "test");
    TableReader trades =
        new TableReader(run.bytes(new BacktestHandler().run(spec, run).artifacts().getFirst()));
    List<Ours> closed = new ArrayList<>();
    while (trades.next()) {
      if (!trades.word(trades.column("exit_reason")).equals("END_OF_DATA")) {
        closed.add(
            new Ours(
                trades.integer(trades.column("entry_time")),
                trades.integer(trades.column("exit_time")),
                trades.number(trades.column("net_pnl"))));
      }
    }
    return closed;
  }

  /** Times in epoch seconds. */
  private record Ours(long entryTime, long exitTime, double netPnl) {}
}
