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

/** A model that predicts returns from raw indicators, from the shipped strategy to its trades. */
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

  private static String shipped() throws IOException {
    return Files.readString(RepositoryRoot.find().resolve("strategies/fx_forward_return.yaml"));
  }

  private void trainsAndTradesTheSameTwice(String yaml) throws Exception {
    Path root = RepositoryRoot.find();
    DatasetRef dataset =
        new DatasetRef(
            "EURUSD",
            Timeframe.D1,
            run.give(Files.readAllBytes(root.resolve("data/EURUSD_1d.csv"))));
    OperationResult trained =
        new TrainingHandler()
            .run(
                new OperationSpec.Training(
                    "fx_forward_return",
                    yaml,
                    List.of(dataset),
                    List.of(Timeframe.D1),
                    LocalDate.of(2015, 1, 1),
                    LocalDate.of(2022, 12, 31),
                    42,
                    "0.1.0"),
                run);
    assertThat(trained.values().path("directional_accuracy").asDouble()).isBetween(0.3, 0.7);
    assertThat(trained.values().path("model_info").path("scalings")).hasSize(4);

    JsonNode first = backtest(dataset, trained.artifacts().getFirst().sha256());
    JsonNode second = backtest(dataset, trained.artifacts().getFirst().sha256());

    assertThat(first.path("config").path("decisions").path("output_format").asText())
        .isEqualTo("regression");
    JsonNode counts = first.path("decision_counts");
    assertThat(
            counts.path("buy").asInt() + counts.path("hold").asInt() + counts.path("sell").asInt())
        .as("a decision at every bar")
        .isGreaterThan(400);
    assertThat(first.path("final_equity").isNumber()).isTrue();
    assertThat(second).isEqualTo(first);
  }

  private JsonNode backtest(DatasetRef dataset, Sha256 model) throws Exception {
    return new BacktestHandler()
        .run(
            new OperationSpec.Backtest(
                "fx_forward_return",
                new OperationSpec.Decider.Model("fx_forward_return/1d_v1", model),
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
