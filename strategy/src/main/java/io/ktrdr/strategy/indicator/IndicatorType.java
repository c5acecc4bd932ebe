package io.ktrdr.strategy.indicator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A kind of indicator: its names, parameters, outputs, warm-up and formula, and what has to be
 * known about it. All there are: {@link IndicatorCatalogue}. Every formula is causal, value {@code
 * i} depends on bars {@code 0..i} only, gives NaN exactly during its warm-up and a finite number at
 * every bar after it.
 */
public final class IndicatorType {

  /** Name of the output of a type that has only one. */
  public static final String ONLY_OUTPUT = "value";

  private final String name;
  private final List<String> aliases;
  private final List<IndicatorParameter> parameters;
  private final List<IndicatorRelation> relations;
  private final List<String> outputs;
  private final String definition;
  private final String range;
  private final Source source;
  private final List<String> notes;
  private final String warmupRule;
  private final ToIntFunction<IndicatorParameters> warmup;
  private final Formula formula;

  /** Whose numbers they are. */
  public enum Source {
    /** ta4j computes them. */
    TA4J("ta4j"),
    /** Computed here, and ta4j's to 1e-9: a test compares. */
    EQUALS_TA4J("own, equal to ta4j's"),
    /** Computed here; ta4j has it differently, or not at all. */
    OWN("own");

    private final String label;

    Source(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** Computes every output, one column each, over all bars; its warm-up values do not matter. */
  @FunctionalInterface
  interface Formula {

    double[][] compute(PriceColumns prices, IndicatorParameters parameters);
  }

  private IndicatorType(Builder builder, Formula formula) {
    this.name = builder.name;
    this.aliases = builder.aliases;
    this.parameters = builder.parameters;
    this.relations = List.copyOf(builder.relations);
    this.outputs = builder.outputs;
    this.definition = builder.definition;
    this.range = builder.range;
    this.source = builder.source;
    this.notes = List.copyOf(builder.notes);
    this.warmupRule = builder.warmupRule;
    this.warmup = builder.warmup;
    this.formula = formula;
  }

  static Builder named(String name, String... aliases) {
    return new Builder(name, List.of(aliases));
  }

  /** Canonical, e.g. {@code simplemovingaverage}. */
  public String name() {
    return name;
  }

  /** Other names YAML may use, e.g. {@code sma}. */
  public List<String> aliases() {
    return aliases;
  }

  public List<IndicatorParameter> parameters() {
    return parameters;
  }

  public List<IndicatorRelation> relations() {
    return relations;
  }

  /** At least one; the first is meant when a strategy names the indicator alone. */
  public List<String> outputs() {
    return outputs;
  }

  public boolean hasSingleOutput() {
    return outputs.size() == 1;
  }

  /** What it is, with the formula. Markdown. */
  public String definition() {
    return definition;
  }

  /** The values it can have, in words. */
  public String range() {
    return range;
  }

  public Source source() {
    return source;
  }

  /** Conventions, differences from other engines, and how to get those. Markdown. */
  public List<String> notes() {
    return notes;
  }

  /** {@link #warmupBars} as a formula over the parameters. */
  public String warmupRule() {
    return warmupRule;
  }

  /** Bars before all outputs have a value. */
  public int warmupBars(IndicatorParameters values) {
    return warmup.applyAsInt(values);
  }

  /** Every parameter at its default. */
  public IndicatorParameters defaults() {
    Map<String, Object> values = new TreeMap<>();
    parameters.forEach(parameter -> values.put(parameter.name(), parameter.defaultValue()));
    return new IndicatorParameters(values);
  }

  /**
   * One column per output, NaN during the warm-up and finite after it. The caller owns them.
   *
   * @param values complete, in range, and all {@link #relations} hold
   */
  public double[][] compute(PriceColumns prices, IndicatorParameters values) {
    double[][] columns = formula.compute(prices, values);
    int unknown = Math.min(prices.size(), warmupBars(values));
    for (double[] column : columns) {
      Arrays.fill(column, 0, unknown, Double.NaN);
    }
    return columns;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Gathers what a type is; {@link #formula} makes it. */
  static final class Builder {

    private final String name;
    private final List<String> aliases;
    private final List<IndicatorRelation> relations = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private List<IndicatorParameter> parameters = List.of();
    private List<String> outputs = List.of(ONLY_OUTPUT);
    private String definition = "";
    private String range = "";
    private Source source = Source.OWN;
    private String warmupRule = "0";
    private ToIntFunction<IndicatorParameters> warmup = _ -> 0;

    private Builder(String name, List<String> aliases) {
      this.name = name;
      this.aliases = aliases;
    }

    Builder definition(String text) {
      this.definition = text;
      return this;
    }

    Builder parameters(IndicatorParameter... all) {
      this.parameters = List.of(all);
      return this;
    }

    Builder outputs(String... all) {
      this.outputs = List.of(all);
      return this;
    }

    Builder range(String text) {
      this.range = text;
      return this;
    }

    Builder source(Source whose) {
      this.source = whose;
      return this;
    }

    Builder warmup(String rule, ToIntFunction<IndicatorParameters> bars) {
      this.warmupRule = rule;
      this.warmup = bars;
      return this;
    }

    Builder note(String text) {
      notes.add(text);
      return this;
    }

    Builder requires(String parameter, String rule, Predicate<IndicatorParameters> check) {
      relations.add(new IndicatorRelation(parameter, rule, check));
      return this;
    }

    IndicatorType formula(Formula formula) {
      return new IndicatorType(this, formula);
    }
  }
}
