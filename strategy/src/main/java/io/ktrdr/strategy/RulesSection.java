package io.ktrdr.strategy;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads {@code decisions} of kind {@code rules}. */
final class RulesSection {

  /** Conditions of one strategy, parts of conditions included. */
  static final int CONDITIONS_MAX = 500;

  static final int BARS_MAX = 100_000;

  /** What only rules have. */
  static final List<String> RULES = List.of("enter_long", "exit_long", "enter_short", "exit_short");

  private static final double GAIN_PCT_MAX = 100_000;
  private static final String EXAMPLE = "{crosses_above: [fast, slow]}";

  private final Problems problems;
  private final Map<String, IndicatorSpec> indicators;

  /** Also those that could not be read: a reference to one of them is not dangling. */
  private final Set<String> indicatorIds;

  private final Set<String> used = new HashSet<>();
  private int conditions;

  RulesSection(Problems problems, Map<String, IndicatorSpec> indicators, Set<String> indicatorIds) {
    this.problems = problems;
    this.indicators = indicators;
    this.indicatorIds = indicatorIds;
  }

  Rules read(YamlMap map) {
    Condition enterLong = rule(map, "enter_long");
    Condition exitLong = rule(map, "exit_long");
    Condition enterShort = rule(map, "enter_short");
    Condition exitShort = rule(map, "exit_short");
    if (!map.has("enter_long") && !map.has("enter_short")) {
      map.missing("enter_long", "enter_long: " + EXAMPLE);
    }
    warnIfIdle(map, "long");
    warnIfIdle(map, "short");
    Stops stops = readStops(map.mapOrAbsent("stops"));
    map.finish("KEY_UNKNOWN");
    return new Rules(enterLong, exitLong, enterShort, exitShort, stops);
  }

  /** Ids of the indicators that some condition looks at. */
  Set<String> used() {
    return used;
  }

  private void warnIfIdle(YamlMap map, String side) {
    if (map.has("exit_" + side) && !map.has("enter_" + side)) {
      problems.warn(map.path("exit_" + side), "has no effect without enter_" + side);
    }
  }

  /** Reads {@code decisions.stops}, which models may have, too. */
  static Stops readStops(YamlMap map) {
    Stops stops =
        new Stops(
            fraction(map, "stop_loss_pct", 100),
            fraction(map, "take_profit_pct", GAIN_PCT_MAX),
            fraction(map, "trailing_pct", 100),
            map.whole("max_bars", Integer.MAX_VALUE, 1, Integer.MAX_VALUE));
    map.finish("KEY_UNKNOWN");
    return stops;
  }

  private static double fraction(YamlMap map, String key, double max) {
    return map.real(key, Double.POSITIVE_INFINITY, Interval.above(0, max)) / 100;
  }

  private @Nullable Condition rule(YamlMap map, String key) {
    Node node = map.node(key);
    return node == null ? null : condition(map.path(key), node);
  }

  private @Nullable Condition condition(String path, Node node) {
    int line = YamlText.line(node);
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          path,
          line,
          "VALUE_INVALID",
          "must be a condition like %s, is %s".formatted(EXAMPLE, YamlMap.shown(node)));
      return null;
    }
    conditions++;
    if (conditions == CONDITIONS_MAX + 1) {
      problems.add(
          path,
          line,
          "PARAM_RANGE",
          "a strategy has %d conditions at most, parts included".formatted(CONDITIONS_MAX));
    }
    YamlMap map = new YamlMap(path, mapping, problems);
    if (map.keys().size() != 1) {
      problems.add(
          path,
          line,
          "VALUE_INVALID",
          "a condition has one key, like %s; join several with all or any".formatted(EXAMPLE));
      return null;
    }
    Condition condition = readCondition(map, map.keys().getFirst());
    map.finish("KEY_UNKNOWN");
    return condition;
  }

  private @Nullable Condition readCondition(YamlMap map, String key) {
    return switch (key) {
      case "crosses_above" -> {
        Pair pair = pair(map, key);
        yield pair == null ? null : new Condition.Crosses(pair.a, pair.b, true);
      }
      case "crosses_below" -> {
        Pair pair = pair(map, key);
        yield pair == null ? null : new Condition.Crosses(pair.a, pair.b, false);
      }
      case "greater" -> {
        Pair pair = pair(map, key);
        yield pair == null ? null : new Condition.Greater(pair.a, pair.b);
      }
      case "less" -> {
        Pair pair = pair(map, key);
        yield pair == null ? null : new Condition.Greater(pair.b, pair.a);
      }
      case "all" -> {
        List<Condition> parts = parts(map, key);
        yield parts == null ? null : new Condition.All(parts);
      }
      case "any" -> {
        List<Condition> parts = parts(map, key);
        yield parts == null ? null : new Condition.Any(parts);
      }
      case "not" -> {
        Node node = map.node(key);
        Condition inner = node == null ? null : condition(map.path(key), node);
        if (node == null) {
          map.missing(key, "not: " + EXAMPLE);
        }
        yield inner == null ? null : new Condition.Not(inner);
      }
      case "for_bars" -> forBars(map.requiredMap(key, forBarsExample()));
      default -> {
        // Known from here on, so that the nearest of them is proposed.
        map.accept(
            "crosses_above", "crosses_below", "greater", "less", "all", "any", "not", "for_bars");
        yield null;
      }
    };
  }

  private static String forBarsExample() {
    return "for_bars: {bars: 3, condition: {greater: [close, slow]}}";
  }

  private @Nullable Condition forBars(@Nullable YamlMap map) {
    if (map == null) {
      return null;
    }
    if (!map.has("bars")) {
      map.missing("bars", "bars: 3");
    }
    int bars = map.whole("bars", 1, 1, BARS_MAX);
    Node node = map.node("condition");
    if (node == null) {
      map.missing("condition", "condition: {greater: [close, slow]}");
    }
    map.finish("KEY_UNKNOWN");
    Condition inner = node == null ? null : condition(map.path("condition"), node);
    return inner == null ? null : new Condition.ForBars(bars, inner);
  }

  private @Nullable List<Condition> parts(YamlMap map, String key) {
    List<Node> nodes = map.list(key);
    if (nodes == null || nodes.isEmpty()) {
      if (nodes != null || !map.has(key)) {
        map.problem(key, "VALUE_INVALID", "must list at least one condition like " + EXAMPLE);
      }
      return null;
    }
    List<Condition> parts = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Condition part = condition("%s[%d]".formatted(map.path(key), i), nodes.get(i));
      if (part != null) {
        parts.add(part);
      }
    }
    return parts.size() == nodes.size() ? parts : null;
  }

  private record Pair(Operand a, Operand b) {}

  private @Nullable Pair pair(YamlMap map, String key) {
    List<Node> nodes = map.list(key);
    if (nodes == null || nodes.size() != 2) {
      if (nodes != null || !map.has(key)) {
        map.problem(
            key, "VALUE_INVALID", "compares two values, like %s: [fast, slow]".formatted(key));
      }
      return null;
    }
    Operand a = operand(map.path(key) + "[0]", nodes.get(0));
    Operand b = operand(map.path(key) + "[1]", nodes.get(1));
    if (a == null || b == null) {
      return null;
    }
    if (a instanceof Operand.Constant && b instanceof Operand.Constant) {
      map.problem(key, "VALUE_INVALID", "compares two numbers, which never change");
      return null;
    }
    return new Pair(a, b);
  }

  private @Nullable Operand operand(String path, Node node) {
    Double number = YamlNumber.real(node);
    if (number != null) {
      return new Operand.Constant(number);
    }
    String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    String hint = indicatorIds.contains(id(text)) ? "" : YamlNumber.hint(node);
    if (text.isEmpty() || !hint.isEmpty()) {
      problems.add(
          path,
          YamlText.line(node),
          "VALUE_INVALID",
          "must be an indicator, a price or a number, is %s%s"
              .formatted(YamlMap.shown(node), hint));
      return null;
    }
    return Operand.Price.find(text)
        .map(Operand.class::cast)
        .orElseGet(() -> indicator(path, YamlText.line(node), text));
  }

  /** Of the indicator that a reference names: what is before its dot. */
  private static String id(String reference) {
    int dot = reference.indexOf('.');
    return dot < 0 ? reference : reference.substring(0, dot);
  }

  private @Nullable Operand indicator(String path, int line, String text) {
    int dot = text.indexOf('.');
    String id = id(text);
    used.add(id);
    IndicatorSpec spec = indicators.get(id);
    if (spec == null) {
      if (!indicatorIds.contains(id)) {
        Set<String> names = new LinkedHashSet<>(indicatorIds);
        names.addAll(Operand.Price.WORDS);
        problems.add(
            path,
            line,
            "REFERENCE_UNKNOWN",
            "there is no indicator '%s'%s; there are: %s, and numbers"
                .formatted(
                    YamlMap.shortened(id), NearestNames.hint(id, names), String.join(", ", names)));
      }
      return null;
    }
    IndicatorType type = spec.type();
    if (dot < 0) {
      return new Operand.IndicatorOutput(spec, type.outputs().getFirst());
    }
    String output = text.substring(dot + 1);
    if (type.hasSingleOutput() || !type.outputs().contains(output)) {
      problems.add(
          path,
          line,
          "REFERENCE_UNKNOWN",
          type.hasSingleOutput()
              ? "%s has a single output; write '%s' alone".formatted(type, id)
              : "%s has no output '%s'; it has: %s"
                  .formatted(type, YamlMap.shortened(output), String.join(", ", type.outputs())));
      return null;
    }
    return new Operand.IndicatorOutput(spec, output);
  }
}
