package io.ktrdr.strategy.indicator;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * A kind of indicator: its names, parameters, outputs, warm-up and formula. All there are: {@link
 * IndicatorCatalogue}. Every formula is causal, value {@code i} depends on bars {@code 0..i} only,
 * and gives NaN exactly during its warm-up.
 */
public final class IndicatorType {

  /** Name of the output of a type that has only one. */
  public static final String ONLY_OUTPUT = "value";

  private final String name;
  private final List<String> aliases;
  private final List<IndicatorParameter> parameters;
  private final List<String> outputs;
  private final ToIntFunction<IndicatorParameters> warmup;
  private final Formula formula;

  /** Computes every output, one column each, over all bars; its warm-up values do not matter. */
  @FunctionalInterface
  interface Formula {

    double[][] compute(PriceColumns prices, IndicatorParameters parameters);
  }

  IndicatorType(
      String name,
      List<String> aliases,
      List<IndicatorParameter> parameters,
      List<String> outputs,
      ToIntFunction<IndicatorParameters> warmup,
      Formula formula) {
    this.name = name;
    this.aliases = List.copyOf(aliases);
    this.parameters = List.copyOf(parameters);
    this.outputs = List.copyOf(outputs);
    this.warmup = warmup;
    this.formula = formula;
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

  /** At least one; the first is meant when a strategy names the indicator alone. */
  public List<String> outputs() {
    return outputs;
  }

  public boolean hasSingleOutput() {
    return outputs.size() == 1;
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

  /** One column per output, NaN during the warm-up and finite after it. */
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
}
