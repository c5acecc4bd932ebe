package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.backtest.BacktestCheckpoint.RefusedException;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** A run that goes on from a checkpoint is the run that was never interrupted, to the last bit. */
class CheckpointTest {

  private static final int SEEDS = 120;
  private static final String ID = "op_backtest_20251110_103000_abc12345";

  /** Every kind of sizing, stops, flips, both fills, borrowing, costs, ruin. */
  @Test
  void resumedAtAnyBarARunOfSignalsIsTheSame() throws Exception {
    Set<ExitReason> reasons = EnumSet.noneOf(ExitReason.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      BarSeries bars = RandomInputs.bars(random, 2 + random.nextInt(60));
      SignalSource signals = RandomInputs.signals(random, bars.size());
      Stops stops = RandomInputs.stops(random);
      Execution execution = RandomInputs.execution(random);
      Sizing sizing =
          random.nextInt(4) == 0
              ? new Sizing(Sizing.Kind.VOLATILITY_TARGET, 0.05 + random.nextDouble(), false)
              : RandomInputs.sizing(random);
      double[] shares =
          sizing.kind() == Sizing.Kind.VOLATILITY_TARGET
              ? VolatilityTarget.shares(bars, sizing.value())
              : null;
      int from = random.nextInt(bars.size() - 1);

      EngineRun run =
          resumedEverywhere(
              "seed %d: %s %s %s".formatted(seed, stops, execution, sizing),
              bars,
              () ->
                  new FillLoop(
                      bars, from, bars.size(), signals, stops, execution, sizing, shares, 100_000),
              () -> model(bars, new Random(0), Scenario.SHORTS));
      run.trades().forEach(trade -> reasons.add(trade.exitReason()));
    }
    assertThat(reasons).containsAll(EnumSet.complementOf(EnumSet.of(ExitReason.CAPITAL_LOST)));
  }

  /** A short seller whose price trebles; what is wanted later is not entered any more. */
  @Test
  void resumedAtAnyBarARunThatLosesAllIsTheSame() throws Exception {
    double[] opens = {100, 100, 100, 300, 300, 300};
    BarSeries bars = Scenario.bars(opens, opens);
    SignalSource signals =
        (bar, position, lastFill) -> bar == 0 ? SignalSource.ENTER_SHORT : SignalSource.ENTER_LONG;

    EngineRun run =
        resumedEverywhere(
            "ruin",
            bars,
            () ->
                new FillLoop(
                    bars,
                    0,
                    bars.size(),
                    signals,
                    Stops.NONE,
                    new Execution(Execution.Fill.NEXT_OPEN, 0.001, 0, 0, 0, 0, 0, 0, 0.1, false),
                    new Sizing(Sizing.Kind.EQUITY_FRACTION, 1, true),
                    null,
                    100_000),
            () -> model(bars, new Random(0), Scenario.SHORTS));

    assertThat(run.trades()).extracting(Trade::exitReason).containsExactly(ExitReason.CAPITAL_LOST);
  }

  /** What a model's filters remember is in the engine; what it has counted is not. */
  @Test
  void resumedAtAnyBarARunOfAModelIsTheSame() throws Exception {
    int trades = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      BarSeries bars = RandomInputs.bars(random, 2 + random.nextInt(60));
      Decisions decisions =
          new Decisions(
              0.4 * random.nextDouble(),
              random.nextBoolean(),
              72 * random.nextDouble(),
              random.nextBoolean(),
              Stops.NONE);
      Execution execution = RandomInputs.execution(random);
      Sizing sizing = RandomInputs.sizing(random);
      long network = random.nextLong();
      PreparedModel[] used = new PreparedModel[1];

      EngineRun run =
          resumedEverywhere(
              "seed %d: %s %s %s".formatted(seed, decisions, execution, sizing),
              bars,
              () ->
                  new FillLoop(
                      bars,
                      0,
                      bars.size(),
                      used[0],
                      used[0].stops(),
                      execution,
                      sizing,
                      null,
                      100_000),
              () -> used[0] = model(bars, new Random(network), decisions));
      trades += run.trades().size();
    }
    assertThat(trades).isGreaterThan(SEEDS);
  }

  private static EngineRun resumedEverywhere(
      String what,
      BarSeries bars,
      Supplier<FillLoop> loops,
      Supplier<? extends PreparedStrategy> strategies)
      throws Exception {
    BacktestCheckpoint checkpoint = checkpoint(bars.size());
    PreparedStrategy strategy = strategies.get();
    FillLoop undisturbed = loops.get();
    undisturbed.advance(bars.size());
    undisturbed.reconcile();
    byte[] expected = checkpoint.of(undisturbed, strategy).write();
    EngineRun run = undisturbed.soFar();
    for (int bar = undisturbed.soFar().from(); bar <= bars.size(); bar++) {
      strategy = strategies.get();
      FillLoop stopped = loops.get();
      stopped.advance(bar);
      BarProgress.State state = checkpoint.of(stopped, strategy);
      byte[] kept = state.write();
      assertThat(kept.length).as(what).isLessThanOrEqualTo((int) state.bytes());

      strategy = strategies.get();
      FillLoop resumed = loops.get();
      checkpoint.read(kept, resumed, strategy);
      assertThat(checkpoint.of(resumed, strategy).write()).as(what).isEqualTo(kept);
      resumed.advance(bars.size());
      resumed.reconcile();
      assertThat(checkpoint.of(resumed, strategy).write())
          .as("%s, resumed at bar %d of %d", what, bar, bars.size())
          .isEqualTo(expected);
      assertThat(resumed.soFar().trades()).as(what).isEqualTo(run.trades());
      assertThat(resumed.soFar().ordersSha256()).as(what).isEqualTo(run.ordersSha256());
    }
    return run;
  }

  @Test
  void aByteThatDiffersOrIsMissingIsRefused() {
    BarSeries bars = Scenario.randomWalk(new Random(1), 20);
    PreparedModel model = model(bars, new Random(2), Scenario.SHORTS);
    FillLoop loop = loop(bars, model);
    loop.advance(12);
    BacktestCheckpoint checkpoint = checkpoint(bars.size());
    byte[] kept = checkpoint.of(loop, model).write();
    for (int i = 0; i < kept.length; i++) {
      byte[] damaged = kept.clone();
      damaged[i] ^= 0x10;
      assertRefused(checkpoint, damaged, bars);
      assertRefused(checkpoint, Arrays.copyOf(kept, i), bars);
    }
    assertRefused(checkpoint, Arrays.copyOf(kept, kept.length + 1), bars);
  }

  /** As if every bit of it had been kept, but by somebody else. */
  @Test
  void aCheckpointThatIsWholeButAnothersIsRefused() {
    BarSeries bars = Scenario.randomWalk(new Random(1), 20);
    PreparedModel model = model(bars, new Random(2), Scenario.SHORTS);
    FillLoop loop = loop(bars, model);
    loop.advance(12);
    OperationSpec.Backtest spec = spec(Sha256.of(new byte[1]), 100_000, "0.1.0");
    byte[] kept = new BacktestCheckpoint(spec, 0, 20).of(loop, model).write();

    refuses(new BacktestCheckpoint(spec, 1, 20), kept, bars, "another range of bars");
    refuses(new BacktestCheckpoint(spec, 0, 21), kept, bars, "another range of bars");
    refuses(
        new BacktestCheckpoint(spec(Sha256.of(new byte[1]), 1, "0.1.0"), 0, 20),
        kept,
        bars,
        "is of another spec");
    refuses(
        new BacktestCheckpoint(spec(Sha256.of(new byte[2]), 100_000, "0.1.0"), 0, 20),
        kept,
        bars,
        "is of other prices");
    refuses(
        new BacktestCheckpoint(spec, "0.2.0", 0, 20), kept, bars, "another version of the engine");
    byte[] newer = kept.clone();
    newer[5]++;
    refuses(new BacktestCheckpoint(spec, 0, 20), signed(newer), bars, "has form 3, not 2");
    byte[] longer = Arrays.copyOf(kept, kept.length + Integer.BYTES);
    refuses(new BacktestCheckpoint(spec, 0, 20), signed(longer), bars, "too many");
    refuses(new BacktestCheckpoint(spec, 0, 20), "{}".getBytes(StandardCharsets.UTF_8), bars, "no");
  }

  @Test
  void aRunBeginsAnewFromACheckpointThatIsNotItsOwn() throws Exception {
    BacktestHandler handler = new BacktestHandler();
    InMemoryRun first = new InMemoryRun(ID).stopAtCheckpoint(30);
    OperationSpec.Backtest spec =
        BacktestInputs.spec(first, BacktestInputs.model(), BacktestInputs.csv(365));
    assertThatThrownBy(() -> handler.run(spec, first)).isInstanceOf(RunStoppedException.class);

    InMemoryRun other = new InMemoryRun(ID);
    OperationResult undisturbed =
        handler.run(
            BacktestInputs.spec(other, BacktestInputs.model(), BacktestInputs.csv(364)), other);
    InMemoryRun second = first.nextAttempt();
    OperationResult anew =
        handler.run(
            BacktestInputs.spec(second, BacktestInputs.model(), BacktestInputs.csv(364)), second);

    assertThat(anew.values()).isEqualTo(undisturbed.values());
    assertThat(anew.artifacts()).isEqualTo(undisturbed.artifacts());
    assertThat(second.reports())
        .extracting(Progress::currentStep)
        .contains("Beginning anew: the checkpoint is of other prices");
  }

  /** A checkpoint nobody would keep is not even made; the run goes on, and says so. */
  @Test
  void aStateThatIsTooLargeIsNotOffered() throws Exception {
    BarSeries bars = Scenario.randomWalk(new Random(1), 200);
    FillLoop loop = loop(bars, model(bars, new Random(2), Scenario.SHORTS));
    InMemoryRun run = new InMemoryRun(ID);
    BarProgress.State state =
        new BarProgress.State() {
          @Override
          public long bytes() {
            return (long) RunContext.CHECKPOINT_BYTES_MAX + (loop.next() > 100 ? 1 : 0);
          }

          @Override
          public byte[] write() {
            return new byte[] {(byte) loop.next()};
          }
        };
    new BarProgress(run, BarPace.fromSettings(Map.of()), bars, 0, 100_000).run(loop, state);

    assertThat(loop.next()).isEqualTo(200);
    assertThat(run.checkpointTaken()).contains(new byte[] {100});
    assertThat(run.reports().getLast().context()).containsEntry("checkpoints_until_bar", 100);
    assertThat(run.reports().getFirst().context()).doesNotContainKey("checkpoints_until_bar");
  }

  private static void assertRefused(BacktestCheckpoint checkpoint, byte[] bytes, BarSeries bars) {
    refuses(checkpoint, bytes, bars, "");
  }

  private static void refuses(
      BacktestCheckpoint checkpoint, byte[] bytes, BarSeries bars, String why) {
    PreparedModel model = model(bars, new Random(2), Scenario.SHORTS);
    int[] before = model.counted();
    assertThatThrownBy(() -> checkpoint.read(bytes, loop(bars, model), model))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(why);
    assertThat(model.counted()).isEqualTo(before);
  }

  /** With the checksum of what it now is. */
  private static byte[] signed(byte[] checkpoint) {
    int end = checkpoint.length - Integer.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(checkpoint, 0, end);
    ByteBuffer.wrap(checkpoint).putInt(end, (int) crc.getValue());
    return checkpoint;
  }

  private static PreparedModel model(BarSeries bars, Random random, Decisions decisions) {
    float[] says = Scenario.randomProbabilities(random, bars.size());
    return new PreparedModel(
        bars,
        says,
        LabelClasses.SIGNALS,
        0,
        decisions,
        List.of(bars.timeframe()),
        1,
        Scenario.ORIGIN);
  }

  private static FillLoop loop(BarSeries bars, PreparedModel model) {
    return new FillLoop(
        bars,
        0,
        bars.size(),
        model,
        model.stops(),
        Scenario.costs(0.001, 0.0005),
        new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true),
        null,
        100_000);
  }

  private static BacktestCheckpoint checkpoint(int bars) {
    return new BacktestCheckpoint(spec(Sha256.of(new byte[1]), 100_000, "0.1.0"), 0, bars);
  }

  private static OperationSpec.Backtest spec(Sha256 prices, double capital, String version) {
    OperationSpec.Backtest any =
        BacktestInputs.spec(
            Sha256.of(new byte[3]),
            new DatasetRef("EURUSD", Timeframe.D1, prices),
            Scenario.FIRST_DAY,
            Scenario.FIRST_DAY.plusDays(30));
    return new OperationSpec.Backtest(
        any.strategyName(),
        any.decider(),
        any.dataset(),
        any.startDate(),
        any.endDate(),
        capital,
        any.execution(),
        any.sizing(),
        version);
  }
}
