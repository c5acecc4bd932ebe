package io.ktrdr.strategy;

import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads {@code fuzzy_sets}: words for the values of an indicator's output. */
final class FuzzySection {

  private static final String EXAMPLE = "low: {type: triangular, parameters: [0, 20, 40]}";
  private static final List<String> SHAPES = List.of("triangular", "trapezoidal", "gaussian");
  private static final Set<String> NAMES_OF_PARTS = Set.of("indicator");

  private final Map<String, IndicatorSpec> indicators;

  /** Also those that could not be read: a reference to one of them is not dangling. */
  private final Set<String> indicatorIds;

  FuzzySection(Map<String, IndicatorSpec> indicators, Set<String> indicatorIds) {
    this.indicators = indicators;
    this.indicatorIds = indicatorIds;
  }

  Map<String, FuzzySet> read(YamlMap root) {
    Map<String, FuzzySet> sets = new LinkedHashMap<>();
    // Not every strategy has them: its inputs may all be raw.
    YamlMap section = root.map("fuzzy_sets");
    if (section == null) {
      return sets;
    }
    for (String id : section.keys()) {
      StrategyParser.requireName(section, id);
      YamlMap entry = section.requiredMap(id, "{indicator: rsi_14, " + EXAMPLE + "}");
      FuzzySet set = entry == null ? null : readSet(id, entry);
      if (set != null) {
        sets.put(id, set);
      }
    }
    return sets;
  }

  private @Nullable FuzzySet readSet(String id, YamlMap entry) {
    if (!entry.has("indicator")) {
      entry.missing("indicator", "indicator: rsi_14");
    }
    IndicatorReference reference =
        IndicatorReference.read(entry, "indicator", indicators, indicatorIds);
    Map<String, Membership> memberships = new LinkedHashMap<>();
    int words = 0;
    for (String word : entry.keys()) {
      if (NAMES_OF_PARTS.contains(word)) {
        continue;
      }
      words++;
      StrategyParser.requireName(entry, word);
      Membership membership = readMembership(entry, word);
      if (membership != null) {
        memberships.put(word, membership);
      }
    }
    if (words == 0) {
      entry.missing("a membership function", EXAMPLE);
    }
    return reference == null
        ? null
        : new FuzzySet(id, reference.indicatorId(), reference.output(), memberships);
  }

  private static @Nullable Membership readMembership(YamlMap entry, String word) {
    Node node = entry.node(word);
    if (node == null) {
      entry.missing(word, EXAMPLE);
      return null;
    }
    if (node instanceof SequenceNode shorthand) {
      return shape(entry, word, "triangular", shorthand.getValue());
    }
    YamlMap map = entry.map(word);
    if (map == null) {
      return null;
    }
    if (!map.has("type")) {
      map.missing("type", "type: triangular");
    }
    String type = map.word("type", "", SHAPES);
    List<Node> parameters = map.list("parameters");
    if (!map.has("parameters")) {
      map.missing("parameters", "parameters: [0, 20, 40]");
    }
    map.finish("KEY_UNKNOWN");
    return parameters == null || type.isEmpty() ? null : shape(entry, word, type, parameters);
  }

  private static @Nullable Membership shape(
      YamlMap entry, String word, String type, List<Node> nodes) {
    List<Double> p = new ArrayList<>();
    for (Node node : nodes) {
      Double number = YamlNumber.real(node);
      if (number == null) {
        entry.problem(
            word,
            "FUZZY_PARAMS",
            "parameters must be numbers, one is %s%s"
                .formatted(YamlMap.shown(node), YamlNumber.hint(node)));
        return null;
      }
      p.add(number);
    }
    int expected =
        switch (type) {
          case "trapezoidal" -> 4;
          case "gaussian" -> 2;
          default -> 3;
        };
    if (p.size() != expected) {
      entry.problem(
          word, "FUZZY_PARAMS", "%s takes %d numbers, got %d".formatted(type, expected, p.size()));
      return null;
    }
    if (type.equals("gaussian")) {
      if (p.get(1) <= 0) {
        entry.problem(word, "FUZZY_PARAMS", "the width (second number) must be above 0: " + p);
        return null;
      }
      return new Membership.Gaussian(p.get(0), p.get(1));
    }
    for (int i = 1; i < expected; i++) {
      if (p.get(i) < p.get(i - 1)) {
        entry.problem(word, "FUZZY_PARAMS", "numbers must not fall: " + p);
        return null;
      }
    }
    if (p.getFirst().equals(p.getLast())) {
      entry.problem(word, "FUZZY_PARAMS", "the shape has no width: " + p);
      return null;
    }
    return expected == 3
        ? new Membership.Triangular(p.get(0), p.get(1), p.get(2))
        : new Membership.Trapezoidal(p.get(0), p.get(1), p.get(2), p.get(3));
  }
}
