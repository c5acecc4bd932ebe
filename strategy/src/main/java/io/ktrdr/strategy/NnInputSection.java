package io.ktrdr.strategy;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads {@code nn_inputs}: what the network sees, in order. */
final class NnInputSection {

  private final Problems problems;
  private final Map<String, IndicatorSpec> indicators;
  private final Set<String> indicatorIds;
  private final Map<String, FuzzySet> sets;
  private final List<String> setIds;
  private final TrainingData data;

  /**
   * @param indicatorIds also of those that could not be read, as {@code setIds}
   */
  NnInputSection(
      Problems problems,
      Map<String, IndicatorSpec> indicators,
      Set<String> indicatorIds,
      Map<String, FuzzySet> sets,
      List<String> setIds,
      TrainingData data) {
    this.problems = problems;
    this.indicators = indicators;
    this.indicatorIds = indicatorIds;
    this.sets = sets;
    this.setIds = setIds;
    this.data = data;
  }

  List<NnInput> read(YamlMap root) {
    List<NnInput> inputs = new ArrayList<>();
    List<Node> nodes = root.list("nn_inputs");
    if (!root.has("nn_inputs") || (nodes != null && nodes.isEmpty())) {
      root.missing("nn_inputs", "nn_inputs: [{fuzzy_set: rsi_14, timeframes: all}]");
    }
    for (int i = 0; nodes != null && i < nodes.size(); i++) {
      String path = "nn_inputs[%d]".formatted(i);
      if (!(nodes.get(i) instanceof MappingNode mapping)) {
        problems.add(
            path,
            YamlText.line(nodes.get(i)),
            "VALUE_INVALID",
            "must be a mapping like {fuzzy_set: rsi_14, timeframes: all}");
        continue;
      }
      NnInput input = readInput(new YamlMap(path, mapping, problems));
      if (input != null) {
        refuseSecond(path, YamlText.line(mapping), input, inputs);
        inputs.add(input);
      }
    }
    return inputs;
  }

  private void refuseSecond(String path, int line, NnInput input, List<NnInput> before) {
    for (NnInput other : before) {
      boolean together =
          input.allTimeframes()
              || other.allTimeframes()
              || !Collections.disjoint(input.timeframes(), other.timeframes());
      if (together && sameColumn(input, other)) {
        problems.add(
            path + (input instanceof NnInput.Words ? ".fuzzy_set" : ".raw_indicator"),
            line,
            "REFERENCE_DUPLICATE",
            "'%s' is an input twice; keep one, or list other timeframes"
                .formatted(input.reference()));
      } else if (together && (sameName(input, other) || sameName(other, input))) {
        problems.add(
            path,
            line,
            "REFERENCE_DUPLICATE",
            "a feature of '%s' would have the name of one of '%s'; rename the fuzzy set or its 'raw'"
                .formatted(input.reference(), other.reference()));
      }
    }
  }

  private static boolean sameColumn(NnInput a, NnInput b) {
    return switch (a) {
      case NnInput.Words words ->
          b instanceof NnInput.Words other && words.fuzzySet().equals(other.fuzzySet());
      case NnInput.Raw raw ->
          b instanceof NnInput.Raw other
              && raw.indicatorId().equals(other.indicatorId())
              && raw.output().equals(other.output());
    };
  }

  /** Whether a word of a fuzzy set, with the set's name, reads like a raw input. */
  private boolean sameName(NnInput a, NnInput b) {
    if (!(a instanceof NnInput.Words(String id, var _)) || !(b instanceof NnInput.Raw raw)) {
      return false;
    }
    FuzzySet set = sets.get(id);
    return set != null
        && set.memberships().keySet().stream()
            .anyMatch(word -> FeatureBuilder.name(set, word).equals(FeatureBuilder.name(raw)));
  }

  private @Nullable NnInput readInput(YamlMap map) {
    boolean raw = map.has("raw_indicator");
    if (raw && map.has("fuzzy_set")) {
      map.problem("raw_indicator", "VALUE_INVALID", "write raw_indicator or fuzzy_set, not both");
    }
    return raw ? readRaw(map) : readWords(map);
  }

  private @Nullable NnInput readRaw(YamlMap map) {
    IndicatorReference reference =
        IndicatorReference.read(map, "raw_indicator", indicators, indicatorIds);
    String normalization =
        map.word("normalization", Normalization.NONE.wireName(), Normalization.wireNames());
    List<Timeframe> timeframes = readTimeframes(map);
    map.accept("fuzzy_set");
    map.finish("KEY_UNKNOWN");
    return reference == null
        ? null
        : new NnInput.Raw(
            map.text("raw_indicator", ""),
            reference.indicatorId(),
            reference.output(),
            Normalization.parse(normalization),
            timeframes);
  }

  private @Nullable NnInput readWords(YamlMap map) {
    if (map.has("normalization")) {
      map.problem(
          "normalization",
          "VALUE_INVALID",
          "is only valid with raw_indicator: memberships are from 0 to 1 already");
    }
    String set = map.text("fuzzy_set");
    if (set == null) {
      map.missing("fuzzy_set", "fuzzy_set: rsi_14, or raw_indicator: rsi_14");
    } else if (!setIds.contains(set)) {
      map.problem(
          "fuzzy_set",
          "REFERENCE_UNKNOWN",
          "there is no fuzzy set '%s'%s; defined are: %s"
              .formatted(
                  YamlMap.shortened(set),
                  NearestNames.hint(set, setIds),
                  String.join(", ", setIds)));
    }
    List<Timeframe> timeframes = readTimeframes(map);
    map.finish("KEY_UNKNOWN");
    return set == null ? null : new NnInput.Words(set, timeframes);
  }

  private List<Timeframe> readTimeframes(YamlMap map) {
    if (!(map.node("timeframes") instanceof ScalarNode scalar)) {
      List<Timeframe> read =
          map.list(
              "timeframes",
              "'all' or some of the strategy's timeframes " + data.timeframes(),
              text -> Timeframe.find(text).filter(data.timeframes()::contains).orElse(null));
      if (read != null && new HashSet<>(read).size() < read.size()) {
        map.problem("timeframes", "VALUE_INVALID", "a timeframe is listed twice");
      }
      if (read != null && read.isEmpty()) {
        map.problem("timeframes", "VALUE_INVALID", "write 'all' or at least one timeframe");
      }
      return read == null ? List.of() : read;
    }
    if (!scalar.getValue().equals("all")) {
      map.problem("timeframes", "VALUE_INVALID", "must be 'all' or a list like [1d]");
    }
    return List.of();
  }
}
