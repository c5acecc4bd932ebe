package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.backtest.BacktestHandler;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.training.TrainingHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models of other kinds than the shipped one, from the strategy to their trades: of returns, which
 * it predicts from raw indicators, of contexts and of regimes.
 */
class RegressionEndToEndTest {

  private final InMemoryRun run = new InMemoryRun("op_training_20251110_103000_abc12345");

  @Test
  void theShippedExampleTrainsAndItsModelTradesTheSameTwice() throws Exception {
    trainsAndTradesTheSameTwice(shipped().replace("epochs: 60", "epochs: 5"));
  }

  @Test
  void soDoesOneThatReadsSequences() throws Exception {
    trainsAndTradesTheSameTwice(
        shipped()
            .replace("epochs: 60", "epochs: 1")
            .replace("type: mlp", "type: lstm")
            .replace(
                "{hidden_layers: [16, 8], activation: tanh, dropout: 0}",
                "{hidden_size: 4, num_layers: 1, sequence_length: 5, dropout: 0}"));
  }

  @ParameterizedTest
  @CsvSource({"context,3", "regime,4"})
  void soDoOnesOfOtherLabels(String source, int outputs) throws Exception {
    OperationResult trained =
        train(
            shipped("neuro_mean_reversion")
                .replace(
                    "{source: zigzag, zigzag_threshold: 0.01}", "{source: %s}".formatted(source))
                .replace("epochs: 80", "epochs: 3"));
    assertThat(trained.values().path("data_summary").path("label_source").asText())
        .isEqualTo(source);
    assertThat(trained.values().path("model_info").path("outputs")).hasSize(outputs);
    assertThat(trained.values().path("balanced_accuracy").asDouble()).isBetween(0.1, 0.7);

    JsonNode first = tradesTheSameTwice(trained);

    assertThat(first.path("class_counts").size()).isEqualTo(outputs == 3 ? 0 : outputs);
  }

  private static String shipped() throws IOException {
    return shipped("fx_forward_return");
  }

  private static String shipped(String name) throws IOException {
    return Files.readString(RepositoryRoot.find().resolve("strategies/" + name + ".yaml"));
  }

  private void trainsAndTradesTheSameTwice(String yaml) throws Exception {
    OperationResult trained = train(yaml);
    assertThat(trained.values().path("directional_accuracy").asDouble()).isBetween(0.3, 0.7);
    assertThat(trained.values().path("model_info").path("scalings")).hasSize(4);

    JsonNode first = tradesTheSameTwice(trained);

    assertThat(first.path("config").path("decisions").path("output_format").asText())
        .isEqualTo("regression");
  }

  private DatasetRef dataset() throws IOException {
    Path root = RepositoryRoot.find();
    return new DatasetRef(
        "EURUSD", Timeframe.D1, run.give(Files.readAllBytes(root.resolve("data/EURUSD_1d.csv"))));
  }

  private OperationResult train(String yaml) throws Exception {
    return new TrainingHandler()
        .run(
            new OperationSpec.Training(
                "other",
                yaml,
                List.of(dataset()),
                List.of(Timeframe.D1),
                LocalDate.of(2015, 1, 1),
                LocalDate.of(2022, 12, 31),
                42,
                "0.1.0"),
            run);
  }

  /** The result of its backtest. */
  private JsonNode tradesTheSameTwice(OperationResult trained) throws Exception {
    DatasetRef dataset = dataset();
    JsonNode first = backtest(dataset, trained.artifacts().getFirst().sha256());
    JsonNode second = backtest(dataset, trained.artifacts().getFirst().sha256());

    JsonNode counts = first.path("decision_counts");
    assertThat(
            counts.path("buy").asInt() + counts.path("hold").asInt() + counts.path("sell").asInt())
        .as("a decision at every bar")
        .isGreaterThan(400);
    assertThat(first.path("final_equity").isNumber()).isTrue();
    assertThat(second).isEqualTo(first);
    return first;
  }

  private JsonNode backtest(DatasetRef dataset, Sha256 model) throws Exception {
    return new BacktestHandler()
        .run(
            new OperationSpec.Backtest(
                "other",
                new OperationSpec.Decider.Model("other/1d_v1", model),
                dataset,
                LocalDate.of(2023, 1, 1),
                LocalDate.of(2024, 12, 31),
                100_000,
                Execution.FREE,
                new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true),
                "0.1.0"),
            run)
        .values();
  }
}
