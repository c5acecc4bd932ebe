package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Trainings of an lstm or gru; what does not depend on the model's type is TrainingHandlerTest's.
 */
class LstmTrainingTest {

  private static final int BARS = 500;
  private static final String ID = "op_training_20251110_103000_abc12345";

  private static final String YAML =
      TrainingInputs.yaml(
              """
              epochs: 3
              batch_size: 32
              learning_rate: 0.01
              labels: {source: zigzag, zigzag_threshold: 0.02}
              data_split: {train: 0.6, validation: 0.2, test: 0.2}
              """)
          .replace("type: mlp", "type: lstm")
          .replace(
              "{hidden_layers: [12, 6], activation: relu, dropout: 0.1}",
              "{hidden_size: 5, num_layers: 2, sequence_length: 6, dropout: 0.1}");

  private final InMemoryRun run = new InMemoryRun(ID);

  @Test
  void trainsAModelThatReadsSequencesAndSaysSo() throws Exception {
    OperationResult result = train(run, YAML, TrainingInputs.csv(BARS));

    ModelBundle model = ModelBundleCodec.decode(run.bytes(result.artifacts().getFirst()));
    assertThat(model.sequenceLength()).isEqualTo(6);
    JsonNode values = result.values();
    assertThat(values.path("weights_sha256").textValue()).isEqualTo(model.weightsSha256().hex());
    assertThat(values.path("parameters_count").longValue())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.LSTM, 5, 2, 6, 0).parameters(3, 3));
    assertThat(values.path("model_info").path("architecture").textValue())
        .isEqualTo("lstm 3-5-5-3 over 6 bars");
    JsonNode summary = values.path("data_summary");
    assertThat(summary.path("sequence_length").intValue()).isEqualTo(6);
    JsonNode dataset = summary.path("datasets").get(0);
    assertThat(dataset.path("purged").asInt()).as("beginnings of two parts").isGreaterThan(2 * 5);
    assertThat(
            dataset.path("unlabelled").asInt()
                + dataset.path("purged").asInt()
                + dataset.path("train_rows").asInt()
                + dataset.path("validation_rows").asInt()
                + dataset.path("test_rows").asInt())
        .isEqualTo(BARS);

    InMemoryRun again = new InMemoryRun(ID);
    assertThat(train(again, YAML, TrainingInputs.csv(BARS)).artifacts())
        .as("the same bytes")
        .isEqualTo(result.artifacts());
  }

  @Test
  void trainsAGruToTheSameBytesToo() throws Exception {
    String yaml = YAML.replace("type: lstm", "type: gru");
    OperationResult result = train(run, yaml, TrainingInputs.csv(BARS));

    ModelBundle model = ModelBundleCodec.decode(run.bytes(result.artifacts().getFirst()));
    JsonNode values = result.values();
    assertThat(values.path("weights_sha256").textValue()).isEqualTo(model.weightsSha256().hex());
    assertThat(values.path("parameters_count").longValue())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.GRU, 5, 2, 6, 0).parameters(3, 3));
    assertThat(values.path("model_info").path("architecture").textValue())
        .isEqualTo("gru 3-5-5-3 over 6 bars");

    InMemoryRun again = new InMemoryRun(ID);
    assertThat(train(again, yaml, TrainingInputs.csv(BARS)).artifacts())
        .as("the same bytes")
        .isEqualTo(result.artifacts());
  }

  @Test
  void pricesOfTheTestPartDoNotReachTheWeights() throws Exception {
    OperationResult plain = train(run, YAML, TrainingInputs.csv(BARS));
    OperationResult other = train(run, YAML, TrainingInputs.csv(BARS, BARS - 60, 1.5));

    assertThat(other.values().path("test_loss")).isNotEqualTo(plain.values().path("test_loss"));
    assertThat(other.values().path("weights_sha256"))
        .isEqualTo(plain.values().path("weights_sha256"));
  }

  @Test
  void showsThatItGoesOnWithinAnEpochAndStopsThere() throws Exception {
    InMemoryRun stopped = new InMemoryRun(ID).stopAfterReports(5);

    assertThatThrownBy(() -> train(stopped, YAML, TrainingInputs.csv(BARS)))
        .isInstanceOf(RunStoppedException.class);

    List<String> steps = stopped.reports().stream().map(Progress::currentStep).toList();
    assertThat(steps.getLast()).matches("Learning epoch 1/3, batch 2/\\d+");
    assertThat(stopped.partialResult()).as("no epoch is finished").isEmpty();
  }

  @Test
  void refusesWhatWouldTakeDaysBeforeItBegins() {
    String yaml =
        YAML.replace("epochs: 3", "epochs: 10000")
            .replace("hidden_size: 5", "hidden_size: 256")
            .replace("sequence_length: 6", "sequence_length: 100");

    assertThatThrownBy(() -> train(run, yaml, TrainingInputs.csv(BARS + 500)))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("PARAM_RANGE");
              assertThat(e.failure().retryable()).isFalse();
              assertThat(e.failure().message())
                  .contains("10000 epochs", "of 100 bars", "at most 5e+13");
            });
  }

  @Test
  void refusesPartsShorterThanASequence() {
    String yaml = YAML.replace("sequence_length: 6", "sequence_length: 100");

    assertThatThrownBy(() -> train(run, yaml, TrainingInputs.csv(BARS)))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("SPLIT_INVALID");
              assertThat(e.failure().message()).contains("shorter sequence_length");
            });
  }

  private static OperationResult train(InMemoryRun run, String yaml, byte[] csv)
      throws InterruptedException {
    OperationSpec.Training spec = TrainingInputs.spec(run, yaml, csv, BARS + 500);
    return new TrainingHandler().run(spec, run);
  }
}
