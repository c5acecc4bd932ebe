package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.ktrdr.protocol.Json;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr backtests …}. */
@Command(
    name = "backtests",
    aliases = "backtest",
    description = "Run strategies over past prices, look at their trades, compare them.",
    subcommands = {
      BacktestsCommand.Start.class,
      BacktestsCommand.Trades.class,
      BacktestsCommand.Report.class,
      CompareCommand.class
    })
final class BacktestsCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  CommandContext context() {
    return cli.context();
  }

  /** {@code ktrdr backtests start}. */
  @Command(
      name = "start",
      description = "Submit a backtest.",
      footer = {
        "",
        "Example:",
        "  ktrdr backtests start --model neuro_mean_reversion/1d_v21 --symbol EURUSD \\",
        "    --timeframe 1d --start-date 2024-01-01 --end-date 2024-12-31 --follow",
        "  ktrdr backtests start --strategy-file my_rules.yaml --symbol EURUSD \\",
        "    --start-date 2024-01-01 --end-date 2024-12-31 --set spread=0.0002 --follow"
      })
  static final class Start implements Callable<Integer> {

    @ParentCommand private BacktestsCommand parent = new BacktestsCommand();

    @Option(
        names = {"-m", "--model"},
        paramLabel = "MODEL",
        description =
            "Model version, e.g. neuro_mean_reversion/1d_v21; default: the strategy's rules, or its"
                + " newest model.")
    private @Nullable String model;

    @Option(
        names = {"-s", "--strategy"},
        paramLabel = "NAME",
        description = "Strategy of rules on the server, or the strategy of the model.")
    private @Nullable String strategy;

    @Option(
        names = "--strategy-file",
        paramLabel = "FILE",
        description = "Strategy of rules to send along; the operation keeps its text.")
    private @Nullable Path strategyFile;

    @Option(names = "--symbol", description = "Default: the model's own; rules need one.")
    private @Nullable String symbol;

    @Option(names = "--timeframe", description = "Default: the model's own; for rules 1d.")
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

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description =
            "A key of execution, e.g. fill=same_close, spread=0.0002, allow_flip=false. May be"
                + " repeated.")
    private Map<String, String> execution = new LinkedHashMap<>();

    @Option(
        names = "--sizing",
        paramLabel = "KIND=VALUE",
        description =
            "equity_fraction=0.5, fixed_units=100, fixed_cash=5000 or volatility_target=0.1.")
    private @Nullable String sizing;

    @Option(names = "--fractional-units", description = "Do not round to whole units.")
    private boolean fractionalUnits;

    @Mixin private DataOptions data = new DataOptions();

    @Mixin private DemandOptions demand = new DemandOptions();

    @Mixin private SubmitOptions options = new SubmitOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      CommandContext context = parent.context();
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
      if (strategyFile != null) {
        body.put("strategy_yaml", TextFiles.read(spec, strategyFile));
      }
      execution.forEach(
          (key, value) -> body.withObjectProperty("execution").set(key, jsonValue(value)));
      addSizing(body);
      data.addTo(body);
      demand.addTo(body);
      return context.submit("/api/v1/backtests/start", body, options);
    }

    private void addSizing(ObjectNode body) {
      if (sizing != null) {
        String[] parts = sizing.split("=", 2);
        if (parts.length < 2) {
          throw new ParameterException(
              spec.commandLine(),
              "--sizing is '%s', expected KIND=VALUE like fixed_units=100".formatted(sizing));
        }
        body.withObjectProperty("sizing")
            .put("kind", parts[0].strip())
            .set("value", jsonValue(parts[1]));
      }
      if (fractionalUnits) {
        body.withObjectProperty("sizing").put("whole_units", false);
      }
    }

    /** A number, true or false where it looks like one; the API says what is wrong with it. */
    private static JsonNode jsonValue(String text) {
      String value = text.strip();
      if (value.equals("true") || value.equals("false")) {
        return BooleanNode.valueOf(Boolean.parseBoolean(value));
      }
      try {
        return DecimalNode.valueOf(new BigDecimal(value));
      } catch (NumberFormatException e) {
        return TextNode.valueOf(value);
      }
    }
  }

  /** {@code ktrdr backtests trades}. */
  @Command(name = "trades", description = "List the trades of a backtest.")
  static final class Trades implements Callable<Integer> {

    @ParentCommand private BacktestsCommand parent = new BacktestsCommand();

    @Parameters(paramLabel = "OPERATION")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      JsonNode answer = context.api().fetch(OperationsCommand.path(id, "/trades"));
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table =
          new Table("#", "SIDE", "ENTRY", "AT", "EXIT", "AT", "UNITS", "NET", "BARS", "IN", "OUT");
      for (JsonNode trade : answer.path("trades")) {
        table.add(
            trade.path("trade_id").asText(),
            trade.path("side").asText(),
            trade.path("entry_time").asText(),
            rounded(trade, "entry_price", "%.5f"),
            trade.path("exit_time").asText(),
            rounded(trade, "exit_price", "%.5f"),
            rounded(trade, "quantity", "%.2f"),
            rounded(trade, "net_pnl", "%+.2f"),
            trade.path("bars_held").asText(),
            trade.path("entry_reason").asText("–"),
            trade.path("exit_reason").asText());
      }
      context.print(table.render());
      return ExitCode.DONE;
    }

    private static String rounded(JsonNode trade, String name, String format) {
      return String.format(Locale.ROOT, format, trade.path(name).asDouble());
    }
  }

  /** {@code ktrdr backtests report}. */
  @Command(
      name = "report",
      description = "Write a backtest as one HTML page: charts, tables, conventions.")
  static final class Report implements Callable<Integer> {

    @ParentCommand private BacktestsCommand parent = new BacktestsCommand();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "OPERATION")
    private String id = "";

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Default: <operation>.html here; - is standard output.")
    private @Nullable Path output;

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      byte[] page = context.api().download(OperationsCommand.path(id, "/report"));
      TextFiles.writePage(spec, context, output == null ? Path.of(id + ".html") : output, page);
      return ExitCode.DONE;
    }
  }
}
