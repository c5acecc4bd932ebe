package io.ktrdr.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr backtests …}. */
@Command(
    name = "backtests",
    aliases = "backtest",
    description = "Run trained models over past prices.",
    subcommands = BacktestsCommand.Start.class)
final class BacktestsCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  /** {@code ktrdr backtests start}. */
  @Command(
      name = "start",
      description = "Submit a backtest.",
      footer = {
        "",
        "Example:",
        "  ktrdr backtests start --model neuro_mean_reversion/1d_v21 --symbol EURUSD \\",
        "    --timeframe 1d --start-date 2024-01-01 --end-date 2024-12-31 --follow"
      })
  static final class Start implements Callable<Integer> {

    @ParentCommand private BacktestsCommand parent = new BacktestsCommand();

    @Option(
        names = {"-m", "--model"},
        paramLabel = "MODEL",
        description =
            "Model version, e.g. neuro_mean_reversion/1d_v21; default: the strategy's newest.")
    private @Nullable String model;

    @Option(
        names = {"-s", "--strategy"},
        paramLabel = "NAME",
        description = "Strategy of the model.")
    private @Nullable String strategy;

    @Option(names = "--symbol", description = "Default: the model's own.")
    private @Nullable String symbol;

    @Option(names = "--timeframe", description = "Default: the model's own.")
    private @Nullable String timeframe;

    @Option(
        names = {"--start-date", "--start"},
        required = true,
        paramLabel = "YYYY-MM-DD")
    private String startDate = "";

    @Option(
        names = {"--end-date", "--end"},
        required = true,
        paramLabel = "YYYY-MM-DD")
    private String endDate = "";

    @Option(
        names = {"-c", "--capital"},
        description = "Initial capital; default 100000.")
    private @Nullable Double capital;

    @Option(names = "--commission", description = "Fraction of traded value a side; default 0.001.")
    private @Nullable Double commission;

    @Option(names = "--slippage", description = "Fraction of price a side; default 0.0005.")
    private @Nullable Double slippage;

    @Mixin private DemandOptions demand = new DemandOptions();

    @Mixin private FollowOptions follow = new FollowOptions();

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      ObjectNode body =
          Json.mapper()
              .createObjectNode()
              .put("model_path", model)
              .put("strategy_name", strategy)
              .put("symbol", symbol)
              .put("timeframe", timeframe)
              .put("start_date", startDate)
              .put("end_date", endDate)
              .put("initial_capital", capital)
              .put("commission", commission)
              .put("slippage", slippage);
      demand.addTo(body);
      return context.submitted(
          context.api().submit("/api/v1/backtests/start", body, follow.idempotencyKey),
          follow.follow,
          follow.resultFile);
    }
  }
}
