package io.ktrdr.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.LabelSettings;
import io.ktrdr.strategy.LearningRateSchedule;
import io.ktrdr.strategy.LossSettings;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.strategy.TrainingSettings;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import io.ktrdr.strategy.TrainingSettings.Split;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {

  private static final float[] EQUAL = {1, 1, 1};

  /** Bars of a row. */
  static final int SEQUENCE = 4;

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RELU", "TANH", "SIGMOID", "LEAKY_RELU"})
  void theExportedModelAnswersAsTheNetworkDoes(Activation activation) {
    Samples samples = samples(200);
    ModelSpec shape = new ModelSpec.Mlp(List.of(16, 8), activation, 0.2);
    try (Network network =
        new Network(samples.columns(), shape, settings(0.01, Optimizer.ADAM), EQUAL, 7)) {
      for (int i = 0; i < 20; i++) {
        network.learn(samples.features(), samples.classes());
      }

      float[] exported = Inference.outputs(bundle(network), matrix(samples));

      assertThat(exported).containsExactly(network.outputs(samples), within(1e-5f));
    }
  }

  /** The order of gates, where a sequence begins, dropout off: any mistake is seen here. */
  @ParameterizedTest
  @CsvSource({"LSTM, 1", "LSTM, 2", "LSTM, 3", "GRU, 1", "GRU, 2", "GRU, 3"})
  void theExportedLayersAnswerAsTheNetworkDoes(RecurrentType type, int layers) {
    Samples samples = sequences(200);
    ModelSpec shape = new ModelSpec.Recurrent(type, 7, layers, SEQUENCE, 0.2);
    try (Network network =
        new Network(samples.columns(), shape, settings(0.02, Optimizer.ADAM), EQUAL, 7)) {
      for (int i = 0; i < 20; i++) {
        network.learn(rows(samples), samples.classes());
      }

      FeatureMatrix features =
          new FeatureMatrix(List.of("a", "b", "c", "d"), samples.features(), samples.bars(), 0);
      float[] exported =
          samples.answersOfRows(Inference.outputs(bundle(network), features), ModelBundle.OUTPUTS);

      float[] own = network.outputs(samples);
      assertThat(exported).hasSize(own.length);
      for (int i = 0; i < own.length; i++) {
        assertThat(exported[i]).isEqualTo(own[i], within(1e-5f * own[i]));
      }
      assertThat(Math.abs(own[0] - own[30])).as("rows differ").isGreaterThan(1e-3f);
    }
  }

  @ParameterizedTest
  @EnumSource(RecurrentType.class)
  void learnsWhatOnlyTheWholeSequenceTells(RecurrentType type) {
    Samples samples = sequences(300);
    ModelSpec shape = new ModelSpec.Recurrent(type, 8, 2, SEQUENCE, 0);
    try (Network network =
        new Network(samples.columns(), shape, settings(0.02, Optimizer.ADAM), EQUAL, 7)) {
      double before = network.learn(rows(samples), samples.classes());
      double after = before;
      for (int i = 0; i < 80; i++) {
        after = network.learn(rows(samples), samples.classes());
      }

      assertThat(after).isLessThan(before * 0.6);
    }
  }

  @ParameterizedTest
  @EnumSource(RecurrentType.class)
  void dropoutAndClippingReachTheLayersThatReadSequences(RecurrentType type) {
    Samples samples = sequences(100);
    float[] plain = afterOneStep(samples, new ModelSpec.Recurrent(type, 6, 2, SEQUENCE, 0), 0);

    assertThat(afterOneStep(samples, new ModelSpec.Recurrent(type, 6, 2, SEQUENCE, 0), 0))
        .isEqualTo(plain);
    assertThat(afterOneStep(samples, new ModelSpec.Recurrent(type, 6, 2, SEQUENCE, 0.5), 0))
        .isNotEqualTo(plain);
    assertThat(afterOneStep(samples, new ModelSpec.Recurrent(type, 6, 2, SEQUENCE, 0), 1e-3))
        .isNotEqualTo(plain);
  }

  /** Weights of the last recurrent layer. */
  private static float[] afterOneStep(Samples samples, ModelSpec shape, double clip) {
    TrainingSettings base = settings(0.5, Optimizer.SGD);
    TrainingSettings settings =
        new TrainingSettings(
            base.epochs(),
            base.batchSize(),
            base.learningRate(),
            base.optimizer(),
            base.weightDecay(),
            clip,
            base.earlyStopping(),
            base.schedule(),
            base.loss(),
            base.labels(),
            base.split(),
            base.seed());
    try (Network network = new Network(samples.columns(), shape, settings, EQUAL, 7)) {
      network.learn(rows(samples), samples.classes());
      return requireNonNull(network.recurrence()).layers().getLast().inputWeights();
    }
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void everyOptimizerLearns(Optimizer optimizer) {
    Samples samples = samples(300);
    ModelSpec shape = new ModelSpec.Mlp(List.of(16), Activation.TANH, 0);
    try (Network network =
        new Network(samples.columns(), shape, settings(0.05, optimizer), EQUAL, 7)) {
      double before = network.learn(samples.features(), samples.classes());
      double after = before;
      for (int i = 0; i < 100; i++) {
        after = network.learn(samples.features(), samples.classes());
      }

      assertThat(after).isLessThan(before * 0.9);
    }
  }

  @Test
  void exportedWeightsAreCopies() {
    Samples samples = samples(100);
    ModelSpec shape = new ModelSpec.Mlp(List.of(8), Activation.RELU, 0);
    try (Network network =
        new Network(samples.columns(), shape, settings(0.1, Optimizer.ADAM), EQUAL, 7)) {
      ModelBundle before = bundle(network);
      String digest = before.weightsSha256().hex();
      network.learn(samples.features(), samples.classes());

      assertThat(before.weightsSha256().hex()).isEqualTo(digest);
      assertThat(bundle(network).weightsSha256().hex()).isNotEqualTo(digest);
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheTrainingAndNamesTheEpoch() {
    Samples samples = samples(100);
    Trainer trainer =
        new Trainer(
            new ModelSpec.Mlp(List.of(8), Activation.RELU, 0),
            settings(1e38, Optimizer.SGD),
            7,
            new InMemoryRun("op_training_20251110_103000_abc12345"),
            samples,
            samples);

    assertThatThrownBy(trainer::run)
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("TRAIN_DIVERGED");
              assertThat(e.failure().message()).contains("epoch 1 of 3", "learning_rate");
            });
  }

  @Test
  void anotherProcessTrainsTheSameWeights() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder command =
        new ProcessBuilder(
            java.toString(),
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            WeightsDigestMain.class.getName());
    command.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = command.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(output.strip()).endsWith(WeightsDigestMain.digest());
  }

  /** Rows of four bars; the class is in how the first feature of the oldest and newest differ. */
  static Samples sequences(int rows) {
    Samples bars = samples(rows + SEQUENCE - 1);
    int[] lastBars = new int[rows];
    byte[] classes = new byte[rows];
    for (int row = 0; row < rows; row++) {
      lastBars[row] = row + SEQUENCE - 1;
      float change = bars.features()[lastBars[row] * 4] - bars.features()[row * 4];
      classes[row] = (byte) (change > 0.2 ? 0 : change < -0.2 ? 2 : 1);
    }
    return new Samples(bars.features(), 4, SEQUENCE, lastBars, classes, new double[0]);
  }

  static float[] rows(Samples samples) {
    float[] rows = new float[samples.rows() * samples.width()];
    for (int row = 0; row < samples.rows(); row++) {
      samples.copyRow(row, rows, row);
    }
    return rows;
  }

  static Samples samples(int rows) {
    Random random = new Random(3);
    float[] features = new float[rows * 4];
    byte[] classes = new byte[rows];
    for (int row = 0; row < rows; row++) {
      float sum = 0;
      for (int c = 0; c < 4; c++) {
        features[row * 4 + c] = random.nextFloat();
        sum += features[row * 4 + c] * (c - 1.5f);
      }
      classes[row] = (byte) (sum > 0.4 ? 0 : sum < -0.4 ? 2 : 1);
    }
    return new Samples(features, 4, classes);
  }

  static TrainingSettings settings(double learningRate, Optimizer optimizer) {
    return settings(learningRate, optimizer, new LossSettings.Focal(0));
  }

  static TrainingSettings settings(double learningRate, Optimizer optimizer, LossSettings loss) {
    return new TrainingSettings(
        3,
        32,
        learningRate,
        optimizer,
        1e-4,
        0,
        null,
        new LearningRateSchedule.Constant(),
        loss,
        new LabelSettings.Zigzag(0.01, 10),
        new Split(0.7, 0.15, 0.15, 0),
        42);
  }

  static ModelBundle bundle(Network network) {
    return new ModelBundle(
        ModelBundle.formatOf(network.recurrence(), network.layers()),
        "test",
        "name: test",
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2020, 1, 1),
        LocalDate.of(2020, 12, 31),
        List.of("a", "b", "c", "d"),
        List.of(),
        network.recurrence(),
        network.layers(),
        "0.1.0",
        7,
        Json.mapper().createObjectNode());
  }

  private static FeatureMatrix matrix(Samples samples) {
    return new FeatureMatrix(List.of("a", "b", "c", "d"), samples.features(), samples.rows(), 0);
  }
}
