package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;

/**
 * Everything an operation depends on, frozen when it was accepted: later edits of a strategy, a
 * data file or a model do not reach it, and two operations with equal specs give equal results.
 */
@JsonTypeInfo(
    use = JsonTypeInfo.Id.NAME,
    include = JsonTypeInfo.As.EXISTING_PROPERTY,
    property = "type",
    visible = true,
    defaultImpl = OperationSpec.Job.class)
@JsonSubTypes({
  @JsonSubTypes.Type(value = OperationSpec.Backtest.class, name = "backtesting"),
  @JsonSubTypes.Type(value = OperationSpec.Training.class, name = "training")
})
public sealed interface OperationSpec {

  @JsonProperty("type")
  OperationType operationType();

  /**
   * Trades a strategy over past prices.
   *
   * @param strategyName of the strategy that decides
   * @param decider who decides: a trained model, or rules
   * @param startDate first trading day, inclusive, UTC
   * @param endDate last trading day, inclusive to its end, UTC
   * @param initialCapital in the quote currency, positive
   * @param engineVersion version of the code that defines the fill rules
   */
  record Backtest(
      String strategyName,
      Decider decider,
      DatasetRef dataset,
      LocalDate startDate,
      LocalDate endDate,
      double initialCapital,
      Execution execution,
      Sizing sizing,
      String engineVersion)
      implements OperationSpec {

    public Backtest {
      requireNonNull(strategyName, "strategyName is null");
      requireNonNull(decider, "decider is null");
      requireNonNull(dataset, "dataset is null");
      requireNonNull(startDate, "startDate is null");
      requireNonNull(endDate, "endDate is null");
      requireNonNull(execution, "execution is null");
      requireNonNull(sizing, "sizing is null");
      requireNonNull(engineVersion, "engineVersion is null");
      if (!(initialCapital > 0 && initialCapital < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("initialCapital is " + initialCapital);
      }
    }

    @Override
    public OperationType operationType() {
      return OperationType.BACKTESTING;
    }
  }

  /** What decides in a backtest. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Decider.Model.class, name = "model"),
    @JsonSubTypes.Type(value = Decider.Rules.class, name = "rules")
  })
  sealed interface Decider {

    /**
     * A trained model; the strategy is inside it.
     *
     * @param version e.g. {@code neuro_mean_reversion/1d_v21}
     * @param sha256 artifact with the model bundle
     */
    record Model(String version, Sha256 sha256) implements Decider {

      public Model {
        requireNonNull(version, "version is null");
        requireNonNull(sha256, "sha256 is null");
      }
    }

    /**
     * The rules of a strategy.
     *
     * @param strategyYaml the strategy's whole text at submit
     */
    record Rules(String strategyYaml) implements Decider {

      public Rules {
        requireNonNull(strategyYaml, "strategyYaml is null");
      }
    }
  }

  /**
   * Trains the network of a strategy.
   *
   * @param strategyYaml the strategy's whole text at submit
   * @param datasets one per symbol, all of one timeframe, in training order; never empty
   * @param timeframes what inputs with {@code timeframes: all} see, in order; without it, as in
   *     specs from before there were several, the timeframe of the datasets
   * @param startDate first bar's day, inclusive, UTC
   * @param endDate last bar's day, inclusive to its end, UTC
   * @param seed of every random choice: initial weights, dropout, shuffling
   * @param engineVersion of the API it was submitted to
   */
  record Training(
      String strategyName,
      String strategyYaml,
      List<DatasetRef> datasets,
      List<Timeframe> timeframes,
      LocalDate startDate,
      LocalDate endDate,
      long seed,
      String engineVersion)
      implements OperationSpec {

    public Training {
      requireNonNull(strategyName, "strategyName is null");
      requireNonNull(strategyYaml, "strategyYaml is null");
      datasets = List.copyOf(datasets);
      requireNonNull(startDate, "startDate is null");
      requireNonNull(endDate, "endDate is null");
      requireNonNull(engineVersion, "engineVersion is null");
      if (datasets.isEmpty()) {
        throw new IllegalArgumentException("datasets is empty");
      }
      timeframes =
          timeframes == null || timeframes.isEmpty()
              ? List.of(datasets.getFirst().timeframe())
              : List.copyOf(timeframes);
    }

    /** The same, as code of another version trains it. */
    public Training withEngineVersion(String version) {
      return new Training(
          strategyName, strategyYaml, datasets, timeframes, startDate, endDate, seed, version);
    }

    @Override
    public OperationType operationType() {
      return OperationType.TRAINING;
    }
  }

  /**
   * An operation of any other type. Only its handler knows what the parameters mean.
   *
   * @param operationType not one of the built-in types
   * @param parameters as they were submitted; whatever else the result depends on is in them, too
   */
  record Job(@JsonProperty("type") OperationType operationType, ObjectNode parameters)
      implements OperationSpec {

    public Job {
      requireNonNull(operationType, "operationType is null");
      requireNonNull(parameters, "parameters is null");
      if (OperationType.BUILT_IN.contains(operationType)) {
        throw new IllegalArgumentException(
            "%s operations have a spec of their own".formatted(operationType));
      }
    }
  }
}
