package io.ktrdr.strategy;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorParameter;
import io.ktrdr.strategy.indicator.IndicatorParameters;
import io.ktrdr.strategy.indicator.IndicatorRelation;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code indicators}: an id, a type, and that type's parameters. */
final class IndicatorSection {

  private IndicatorSection() {}

  static Map<String, IndicatorSpec> read(YamlMap root) {
    Map<String, IndicatorSpec> specs = new LinkedHashMap<>();
    YamlMap section = root.requiredMap("indicators", "rsi_14: {type: rsi, period: 14}");
    if (section == null) {
      return specs;
    }
    if (section.keys().isEmpty()) {
      root.problem("indicators", "KEY_MISSING", "there is no indicator; define at least one");
    }
    for (String id : section.keys()) {
      StrategyParser.requireName(section, id);
      YamlMap entry = section.requiredMap(id, "{type: rsi, period: 14}");
      IndicatorSpec spec = entry == null ? null : readSpec(id, entry);
      if (spec != null) {
        specs.put(id, spec);
      }
    }
    return specs;
  }

  private static @Nullable IndicatorSpec readSpec(String id, YamlMap entry) {
    String name = entry.text("type");
    if (name == null) {
      entry.missing("type", "type: rsi");
      return null;
    }
    Optional<IndicatorType> type = IndicatorCatalogue.find(name);
    if (type.isEmpty()) {
      String hint = NearestNames.hint(name, IndicatorCatalogue.names());
      entry.problem(
          "type",
          "INDICATOR_UNKNOWN",
          "there is no indicator '%s'%s"
              .formatted(
                  YamlMap.shortened(name),
                  hint.isEmpty()
                      ? "; there are: "
                          + String.join(
                              ", ",
                              IndicatorCatalogue.types().stream()
                                  .map(IndicatorType::name)
                                  .sorted()
                                  .toList())
                      : hint));
      return null;
    }
    return new IndicatorSpec(id, type.get(), readParameters(entry, type.get()));
  }

  private static IndicatorParameters readParameters(YamlMap entry, IndicatorType type) {
    int problems = entry.problemCount();
    Map<String, Object> values = new TreeMap<>();
    for (IndicatorParameter parameter : type.parameters()) {
      values.put(parameter.name(), readValue(entry, parameter));
    }
    IndicatorParameters parameters = new IndicatorParameters(values);
    if (entry.problemCount() == problems) {
      for (IndicatorRelation relation : type.relations()) {
        if (!relation.holds(parameters)) {
          entry.problem(
              relation.parameter(),
              "PARAM_RANGE",
              "%s %s; it is %s here"
                  .formatted(
                      relation.parameter(),
                      relation.rule(),
                      parameters.values().get(relation.parameter())));
        }
      }
    }
    entry.finish("PARAM_UNKNOWN");
    return parameters;
  }

  private static Object readValue(YamlMap entry, IndicatorParameter parameter) {
    return switch (parameter) {
      case IndicatorParameter.Whole(String name, int standard, int min, int max) ->
          entry.whole(name, standard, min, max);
      case IndicatorParameter.Real(String name, double standard, double above, double max) ->
          entry.real(name, standard, Interval.above(above, max));
      case IndicatorParameter.Word word -> entry.word(word.name(), word.standard(), word.choices());
      case IndicatorParameter.Flag(String name, boolean standard) -> entry.bool(name, standard);
    };
  }
}
