package io.ktrdr.api.strategy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.data.FrozenData;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.market.CsvBarReader;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.market.Dataset;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LookaheadCheck;
import io.ktrdr.strategy.LookaheadReport;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/strategies/check-lookahead}: whether a strategy knows at a bar what only
 * later bars tell. Changes nothing. Takes this process up to some seconds of one core, so that only
 * one check runs at a time.
 */
public final class LookaheadRoutes implements Routes {

  private static final Set<String> FIELDS =
      Set.of("strategy_name", "strategy_yaml", "symbol", "timeframe", "cuts");

  private final StrategyFiles files;
  private final DataCatalogue catalogue;
  private final CheckPlace place = new CheckPlace(CheckPlace.WAIT_MAX);

  public LookaheadRoutes(StrategyFiles files, DataCatalogue catalogue) {
    this.files = files;
    this.catalogue = catalogue;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/api/v1/strategies/check-lookahead", Access.RESEARCHER, this::check);
  }

  private void check(Context ctx) {
    RequestBody body = RequestBody.read(ctx, FIELDS);
    Optional<String> name = body.text("strategy_name");
    Optional<String> yaml = body.textAsItIs("strategy_yaml");
    if (name.isPresent() == yaml.isPresent()) {
      body.error(
          "strategy_name",
          name.isPresent() ? "FIELD_CONFLICT" : "FIELD_REQUIRED",
          "one of strategy_name and strategy_yaml is required");
    }
    String symbol = body.require("symbol", body.text("symbol"), "");
    Optional<Timeframe> asked = timeframe(body);
    long cuts = body.wholeNumber("cuts").orElse((long) LookaheadCheck.CUTS_DEFAULT);
    if (cuts < 0 || cuts > LookaheadCheck.CUTS_MAX) {
      body.error(
          "cuts",
          "PARAM_RANGE",
          "is %d, expected 0 to %d".formatted(cuts, LookaheadCheck.CUTS_MAX));
    }
    body.throwIfInvalid();

    String what = name.map(file -> file + ".yaml").orElse("strategy_yaml");
    try {
      Strategy strategy =
          name.isPresent() ? files.read(name.get()) : StrategyParser.parse(yaml.orElseThrow());
      Dataset dataset = catalogue.find(symbol, asked.orElseGet(() -> own(strategy)));
      HttpServer.json(ctx, answer(strategy, dataset, report(strategy, dataset, (int) cuts)));
    } catch (StrategyInvalidException e) {
      throw StrategyFiles.invalid(what, e);
    } catch (MarketDataException e) {
      throw new ProblemException(FrozenData.statusOf(e), e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static Optional<Timeframe> timeframe(RequestBody body) {
    Optional<String> text = body.text("timeframe");
    Optional<Timeframe> found = text.flatMap(Timeframe::find);
    if (text.isPresent() && found.isEmpty()) {
      body.error(
          "timeframe",
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(text.get(), Timeframe.validNames()));
    }
    return found;
  }

  private static Timeframe own(Strategy strategy) {
    return switch (strategy) {
      case RulesStrategy _ -> Timeframe.D1;
      case NeuroFuzzyStrategy fuzzy -> fuzzy.trainingData().baseTimeframe();
    };
  }

  private LookaheadReport report(Strategy strategy, Dataset dataset, int cuts) {
    return place.run(() ->
        LookaheadCheck.run(
            strategy,
            CsvBarReader.read(catalogue.bytes(dataset), dataset.symbol(), dataset.timeframe()),
            cuts));
  }

  private static ObjectNode answer(Strategy strategy, Dataset dataset, LookaheadReport report) {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("strategy_name", strategy.name())
            .put("strategy_sha256", strategy.textSha256().hex())
            .put("symbol", dataset.symbol())
            .put("timeframe", dataset.timeframe().wireName())
            .put("data_sha256", dataset.sha256().hex())
            .put("bars", report.bars())
            .put("warmup_bars", report.warmupBars())
            .put("cuts", report.cuts())
            .put("clean", report.clean());
    ArrayNode columns = json.putArray("columns");
    for (LookaheadReport.Column column : report.columns()) {
      ObjectNode item =
          columns
              .addObject()
              .put("name", column.name())
              .put("kind", column.kind().name().toLowerCase(Locale.ROOT))
              .put("clean", column.difference() == null);
      item.set("first_difference", difference(column.difference()));
      ArrayNode starts = item.putArray("start_sensitivity");
      for (LookaheadReport.StartDifference start : column.starts()) {
        ObjectNode one = starts.addObject().put("bars_before", start.barsBefore());
        putKnown(one, "difference", start.difference());
      }
    }
    return json;
  }

  private static @Nullable ObjectNode difference(LookaheadReport.@Nullable Difference found) {
    if (found == null) {
      return null;
    }
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("bar", found.bar())
            .put("time", found.time().toString())
            .put("bars_known", found.barsKnown());
    putKnown(json, "value_known", found.valueKnown());
    putKnown(json, "value_whole", found.valueWhole());
    return json;
  }

  /** What is no number is null. */
  private static void putKnown(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
