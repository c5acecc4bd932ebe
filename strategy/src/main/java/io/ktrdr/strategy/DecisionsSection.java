package io.ktrdr.strategy;

import org.jspecify.annotations.Nullable;

/** Reads the {@code decisions} of a network; {@link RulesSection} reads those of rules. */
final class DecisionsSection {

  private static final double HOURS_MAX = 24.0 * 366;
  private static final String CONFIDENCE = "confidence_threshold";
  private static final String COSTS = "cost_model";

  private DecisionsSection() {}

  static Decisions read(YamlMap map, boolean regression) {
    CostModel costs = readCosts(map, regression);
    if (regression) {
      map.ignore("is ignored with output_format: regression, where cost_model decides", CONFIDENCE);
    }
    double confidence = map.real(CONFIDENCE, 0.5, Interval.closed(0, 1));
    boolean aware = map.bool("position_awareness", true);
    boolean shorts = map.bool("allow_short_from_flat", regression);
    YamlMap filters = map.mapOrAbsent("filters");
    double hours = filters.real("min_signal_separation", 0, Interval.closed(0, HOURS_MAX));
    filters.ignore(StrategyParser.INFORMATIONAL, "volume_filter");
    filters.finish("KEY_UNKNOWN");
    Stops stops = RulesSection.readStops(map.mapOrAbsent("stops"));
    map.finish("KEY_UNKNOWN");
    return new Decisions(costs, confidence, aware, hours, shorts, stops);
  }

  private static @Nullable CostModel readCosts(YamlMap map, boolean regression) {
    YamlMap costs = map.map(COSTS);
    if (!regression) {
      if (costs != null) {
        map.problem(COSTS, "VALUE_INVALID", "is only valid with output_format: regression");
      }
      return null;
    }
    if (!map.has(COSTS)) {
      map.problem(
          COSTS,
          "KEY_MISSING",
          "is required with output_format: regression; write e.g. cost_model: {round_trip_cost:"
              + " 0.003, min_edge_multiplier: 1.5}");
      return null;
    }
    if (costs == null) {
      return null;
    }
    CostModel read =
        new CostModel(
            required(costs, "round_trip_cost", 0.003, Interval.open(0, 1)),
            required(costs, "min_edge_multiplier", 1.5, Interval.above(0, 1000)));
    costs.finish("KEY_UNKNOWN");
    return read;
  }

  private static double required(YamlMap costs, String key, double example, Interval interval) {
    if (!costs.has(key)) {
      costs.missing(key, "%s: %s".formatted(key, example));
    }
    return costs.real(key, example, interval);
  }
}
