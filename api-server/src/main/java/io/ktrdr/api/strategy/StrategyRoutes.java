package io.ktrdr.api.strategy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.Problem;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.TrainingData;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorParameter;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import java.util.List;
import java.util.Set;

/**
 * {@code GET /api/v1/strategies}, {@code /strategies/{name}}, {@code /strategies/{name}/features},
 * {@code POST /strategies/validate}, and {@code GET /api/v1/indicators}: what strategies there are,
 * what one computes, whether a text is one, and what strategies can be made of.
 */
public final class StrategyRoutes implements Routes {

  private static final String TEXT = "strategy_yaml";

  private final StrategyFiles files;

  public StrategyRoutes(StrategyFiles files) {
    this.files = files;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/strategies", Access.VIEWER, this::list);
    routes.get("/api/v1/strategies/{name}", Access.VIEWER, this::show);
    routes.get("/api/v1/strategies/{name}/features", Access.VIEWER, this::features);
    routes.post("/api/v1/strategies/validate", Access.RESEARCHER, StrategyRoutes::validate);
    routes.get("/api/v1/indicators", Access.VIEWER, StrategyRoutes::indicators);
  }

  private void list(Context ctx) {
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode strategies = json.putArray("strategies");
    ArrayNode damaged = json.putArray("damaged");
    for (String name : files.names()) {
      try {
        strategies.add(describe(files.read(name)));
      } catch (ProblemException e) {
        damaged
            .addObject()
            .put("file", name + ".yaml")
            .put("code", e.code())
            .put("detail", String.valueOf(e.getMessage()));
      }
    }
    HttpServer.json(ctx, json);
  }

  private void show(Context ctx) {
    Strategy strategy = files.read(ctx.pathParam("name"));
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    json.set("strategy", describe(strategy).put("yaml", strategy.text()));
    HttpServer.json(ctx, json);
  }

  private void features(Context ctx) {
    String name = ctx.pathParam("name");
    Strategy strategy = files.read(name);
    ObjectNode json = Json.mapper().createObjectNode().put("success", true).put("name", name);
    json.set("features", Json.mapper().valueToTree(featureNames(name, strategy)));
    json.put("warmup_bars", strategy.warmupBars());
    ArrayNode indicators = json.putArray("indicators");
    for (IndicatorSpec indicator : strategy.indicators().values()) {
      ObjectNode item =
          indicators
              .addObject()
              .put("id", indicator.id())
              .put("type", indicator.type().name())
              .put("warmup_bars", indicator.warmupBars());
      item.set("parameters", Json.mapper().valueToTree(indicator.parameters().values()));
      item.set("outputs", Json.mapper().valueToTree(indicator.type().outputs()));
    }
    HttpServer.json(ctx, json);
  }

  private static void validate(Context ctx) {
    RequestBody body = RequestBody.read(ctx, Set.of(TEXT));
    String yaml = body.require(TEXT, body.textAsItIs(TEXT), "");
    body.throwIfInvalid();
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    try {
      ObjectNode strategy = describe(StrategyParser.parse(yaml));
      json.put("valid", true).set("strategy", strategy);
      json.putArray("problems");
    } catch (StrategyInvalidException e) {
      json.put("valid", false).putNull("strategy");
      ArrayNode problems = json.putArray("problems");
      for (Problem problem : e.problems()) {
        problems
            .addObject()
            .put("path", problem.path())
            .put("line", problem.line())
            .put("code", problem.code())
            .put("detail", problem.message());
      }
    }
    HttpServer.json(ctx, json);
  }

  private static void indicators(Context ctx) {
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode indicators = json.putArray("indicators");
    for (IndicatorType type : IndicatorCatalogue.types()) {
      ObjectNode item =
          indicators.addObject().put("name", type.name()).put("description", type.definition());
      item.set("aliases", Json.mapper().valueToTree(type.aliases()));
      item.set("outputs", Json.mapper().valueToTree(type.outputs()));
      item.put("warmup_bars_of_defaults", type.warmupBars(type.defaults()));
      item.put("warmup_rule", type.warmupRule());
      item.put("value_range", type.range());
      item.put("source", type.source().label());
      item.set("notes", Json.mapper().valueToTree(type.notes()));
      ArrayNode rules = item.putArray("rules");
      type.relations().forEach(relation -> rules.add(relation.parameter() + " " + relation.rule()));
      ArrayNode parameters = item.putArray("parameters");
      for (IndicatorParameter parameter : type.parameters()) {
        parameters
            .addObject()
            .put("name", parameter.name())
            .put("range", parameter.range())
            .set("default", Json.mapper().valueToTree(parameter.defaultValue()));
      }
    }
    HttpServer.json(ctx, json);
  }

  private static ObjectNode describe(Strategy strategy) {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("name", strategy.name())
            .put("kind", strategy instanceof RulesStrategy ? "rules" : "neuro_fuzzy")
            .put("description", strategy.description())
            .put("version", strategy.version())
            .put("sha256", strategy.textSha256().hex())
            .put("warmup_bars", strategy.warmupBars());
    json.set("indicators", Json.mapper().valueToTree(strategy.indicators().keySet()));
    json.set("warnings", Json.mapper().valueToTree(strategy.warnings()));
    return json;
  }

  /** What a network would see on the strategy's own timeframes; rules see nothing of the kind. */
  private static List<String> featureNames(String name, Strategy strategy) {
    return switch (strategy) {
      case RulesStrategy _ -> List.of();
      case NeuroFuzzyStrategy fuzzy -> {
        try {
          TrainingData own = fuzzy.trainingData();
          yield new FeatureBuilder(fuzzy, own.baseTimeframe(), own.timeframes()).names();
        } catch (StrategyInvalidException e) {
          throw StrategyFiles.invalid(name + ".yaml", e);
        }
      }
    };
  }
}
