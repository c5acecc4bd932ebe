package io.ktrdr.strategy;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;

/**
 * Reads strategies of grammar v3. Strict: what would have no effect or fail hours later in a worker
 * is refused now, with its path, its line and the nearest valid name, and all of it at once.
 */
public final class StrategyParser {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,100}");
  private static final Pattern VERSION = Pattern.compile("3(\\.\\d+)?");
  static final String INFORMATIONAL = "has no effect";
  private static final String REGRESSION = "regression";
  private static final String NEURO_FUZZY = "neuro_fuzzy";
  private static final String RULES = "rules";

  private final Problems problems = new Problems();

  private StrategyParser() {}

  /**
   * The strategy of {@code yaml}.
   *
   * @throws StrategyInvalidException with every problem found
   */
  public static Strategy parse(String yaml) {
    return new StrategyParser().read(yaml);
  }

  /**
   * The strategy of {@code yaml}, which has to be one for a network.
   *
   * @throws StrategyInvalidException with every problem found; {@code DECISIONS_UNSUPPORTED} when
   *     it decides by rules
   */
  public static NeuroFuzzyStrategy parseNeuroFuzzy(String yaml) {
    return switch (parse(yaml)) {
      case NeuroFuzzyStrategy strategy -> strategy;
      case RulesStrategy strategy ->
          throw new StrategyInvalidException(
              "decisions.kind",
              "DECISIONS_UNSUPPORTED",
              "%s decides by rules, so there is no model to train: run it with backtests start"
                  .formatted(strategy.name()));
    };
  }

  /**
   * The strategy of {@code yaml}, which has to be one of rules.
   *
   * @throws StrategyInvalidException with every problem found; {@code DECISIONS_UNSUPPORTED} when
   *     it needs a model
   */
  public static RulesStrategy parseRules(String yaml) {
    return switch (parse(yaml)) {
      case RulesStrategy strategy -> strategy;
      case NeuroFuzzyStrategy strategy ->
          throw new StrategyInvalidException(
              "decisions.kind",
              "DECISIONS_UNSUPPORTED",
              "%s needs a model: train it, and name the model to run".formatted(strategy.name()));
    };
  }

  private Strategy read(String yaml) {
    MappingNode node = YamlText.parse(yaml);
    YamlMap root = new YamlMap("", node, problems);
    Head head = readHead(root);
    Map<String, IndicatorSpec> indicators = IndicatorSection.read(root);
    Set<String> indicatorIds = new LinkedHashSet<>(root.mapOrAbsent("indicators").keys());
    YamlMap decisions = root.mapOrAbsent("decisions");
    if (!decisions.has("kind") && RulesSection.RULES.stream().anyMatch(decisions::has)) {
      decisions.missing("kind", "kind: rules");
      problems.throwIfAny();
    }
    String kind = decisions.word("kind", NEURO_FUZZY, List.of(NEURO_FUZZY, RULES));
    if (!kind.equalsIgnoreCase(decisions.text("kind", NEURO_FUZZY))) {
      // Which keys belong here depends on it, so that guessing would only add noise.
      problems.throwIfAny();
    }
    Sha256 sha256 = Sha256.of(yaml.getBytes(StandardCharsets.UTF_8));
    return kind.equals(RULES)
        ? readRules(root, head, indicators, indicatorIds, yaml, sha256)
        : readNeuroFuzzy(root, head, indicators, indicatorIds, yaml, sha256);
  }

  private record Head(String name, String description, String version) {}

  private static Head readHead(YamlMap root) {
    String name = readName(root);
    String version = root.text("version", "3.0");
    if (!VERSION.matcher(version).matches()) {
      root.problem(
          "version",
          "VERSION_UNSUPPORTED",
          "'%s' is not a grammar this version reads; write version: '3.0'"
              .formatted(YamlMap.shortened(version)));
    }
    String description = root.text("description", "");
    root.ignore(INFORMATIONAL, "scope", "deployment");
    root.accept("hypothesis");
    return new Head(name, description, version);
  }

  private Strategy readRules(
      YamlMap root,
      Head head,
      Map<String, IndicatorSpec> indicators,
      Set<String> indicatorIds,
      String yaml,
      Sha256 sha256) {
    for (String word : Operand.Price.WORDS) {
      if (indicatorIds.contains(word)) {
        root.mapOrAbsent("indicators")
            .problem(word, "NAME_INVALID", "'%s' is a price; name it otherwise".formatted(word));
      }
    }
    RulesSection section = new RulesSection(problems, indicators, indicatorIds);
    Rules rules = section.read(root.mapOrAbsent("decisions"));
    Execution execution = ExecutionSection.readExecution(root.mapOrAbsent("execution"));
    Sizing sizing = ExecutionSection.readSizing(root.mapOrAbsent("sizing"), Sizing.DEFAULT);
    root.finish("KEY_UNKNOWN");
    problems.throwIfAny();
    for (String id : indicators.keySet()) {
      if (!section.used().contains(id)) {
        problems.warn("indicators." + id, "no condition uses it");
      }
    }
    return new RulesStrategy(
        head.name,
        head.description,
        head.version,
        indicators,
        rules,
        execution,
        sizing,
        problems.warnings(),
        yaml,
        sha256);
  }

  private Strategy readNeuroFuzzy(
      YamlMap root,
      Head head,
      Map<String, IndicatorSpec> indicators,
      Set<String> indicatorIds,
      String yaml,
      Sha256 sha256) {
    TrainingData data = new TrainingDataSection(problems).read(root);
    Map<String, FuzzySet> sets = new FuzzySection(indicators, indicatorIds).read(root);
    List<NnInput> inputs =
        new NnInputSection(
                problems,
                indicators,
                indicatorIds,
                sets,
                root.mapOrAbsent("fuzzy_sets").keys(),
                data)
            .read(root);
    YamlMap modelMap = root.requiredMap("model", "model: {type: mlp}");
    YamlMap model =
        modelMap == null ? YamlMap.absent("model", root.line("model"), problems) : modelMap;
    YamlMap decisionsMap = root.mapOrAbsent("decisions");
    boolean regression =
        decisionsMap
            .word("output_format", "classification", List.of("classification", REGRESSION))
            .equals(REGRESSION);
    ModelSpec modelSpec = new ModelSection(model, regression).read();
    TrainingSettings training =
        new TrainingSection(root.mapOrAbsent("training"), model.mapOrAbsent("training"), regression)
            .read();
    TrainingSize.tooLargeBatch(modelSpec, training)
        .ifPresent(why ->
            model.mapOrAbsent("architecture").problem("sequence_length", "PARAM_RANGE", why));
    Decisions decisions = DecisionsSection.read(decisionsMap, regression);
    Execution execution = ExecutionSection.readExecution(root.mapOrAbsent("execution"));
    Sizing sizing =
        ExecutionSection.readSizing(root.mapOrAbsent("sizing"), NeuroFuzzyStrategy.SIZING_DEFAULT);
    root.finish("KEY_UNKNOWN");
    problems.throwIfAny();
    warnUnused(indicators, sets, inputs);
    return new NeuroFuzzyStrategy(
        head.name,
        head.description,
        head.version,
        data,
        indicators,
        sets,
        inputs,
        modelSpec,
        decisions,
        training,
        execution,
        sizing,
        problems.warnings(),
        yaml,
        sha256);
  }

  /** Ids become feature names, so they take no spaces, dots or quotes. */
  static void requireName(YamlMap map, String key) {
    if (!NAME.matcher(key).matches()) {
      map.problem(
          key, "NAME_INVALID", "a name has letters, digits, '_' and '-' only, up to 100 of them");
    }
  }

  private static String readName(YamlMap root) {
    String name = root.text("name");
    if (name == null) {
      root.missing("name", "name: my_strategy");
      return "";
    }
    if (!NAME.matcher(name).matches()) {
      root.problem(
          "name",
          "NAME_INVALID",
          "'%s': a name has letters, digits, '_' and '-' only, up to 100 of them"
              .formatted(YamlMap.shortened(name)));
    }
    return name;
  }

  private void warnUnused(
      Map<String, IndicatorSpec> indicators, Map<String, FuzzySet> sets, List<NnInput> inputs) {
    Set<String> usedSets = new HashSet<>();
    Set<String> usedIndicators = new HashSet<>();
    for (NnInput input : inputs) {
      switch (input) {
        case NnInput.Words words -> usedSets.add(words.fuzzySet());
        case NnInput.Raw raw -> usedIndicators.add(raw.indicatorId());
      }
    }
    sets.values().forEach(set -> usedIndicators.add(set.indicatorId()));
    for (String id : indicators.keySet()) {
      if (!usedIndicators.contains(id)) {
        problems.warn("indicators." + id, "no fuzzy set and no input uses it");
      }
    }
    for (String id : sets.keySet()) {
      if (!usedSets.contains(id)) {
        problems.warn("fuzzy_sets." + id, "no input uses it");
      }
    }
  }
}
