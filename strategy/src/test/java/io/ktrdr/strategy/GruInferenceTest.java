package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a gru shares with an lstm is LstmInferenceTest's. */
class GruInferenceTest {

  private static final int UNITS = 5;

  /** One row at a time, in double precision, written for reading. */
  @Test
  void answersAsTheFormulaSays() {
    for (int layers = 1; layers <= 3; layers++) {
      ModelBundle model = model(layers, 6);
      FeatureMatrix features = LstmInferenceTest.features(new Random(1), 300, 4);

      float[] p = Inference.outputs(model, features);

      for (int row = 0; row < features.rows(); row++) {
        for (int o = 0; o < 3; o++) {
          float found = p[row * 3 + o];
          if (row < 4 + 5) {
            assertThat(found).isNaN();
          } else {
            double expected = naive(model, features, row)[o];
            assertThat((double) found)
                .as("%d layers, row %d", layers, row)
                .isEqualTo(expected, within(1e-5 * Math.max(expected, 0.01)));
          }
        }
      }
    }
  }

  /**
   * PyTorch 1.13's {@code torch.nn.GRU} in double precision: two layers of three units, five steps
   * of two inputs. Its rows are our columns, its biases of reset and update gates added up are
   * ours, and value i of each of its arrays is {@code ((37 i + offset) mod 101 - 50) / 32}, which
   * 32 bits hold exactly. So are the last layer's answers after each step:
   */
  @Test
  void answersAsPyTorchDoes() {
    double[][] expected = {
      {-0.6908379458961031, -0.04827751523286414, -0.01865290853363799},
      {-0.891803544287747, -0.2015654930932287, -0.05233928283792477},
      {-0.8626039907020273, -0.06273914017082644, -0.10944533448973892},
      {-0.938749026301922, -0.15082439788399243, -0.13763928923415858},
      {-0.9730892322606381, -0.316100318228745, -0.18195244901361762},
    };
    float[] x = sequence(10, 5);
    for (int steps = 2; steps <= 5; steps++) {
      Recurrence recurrence =
          new Recurrence(steps, List.of(asPyTorchHasIt(2, 3, 0), asPyTorchHasIt(3, 3, 10)));
      FeatureMatrix features =
          new FeatureMatrix(LstmInferenceTest.FEATURES, Arrays.copyOf(x, 2 * steps), steps, 0);

      float[][] said = RecurrentForward.of(recurrence, 1).outputs(features, steps - 1, 1, () -> {});

      for (int unit = 0; unit < 3; unit++) {
        assertThat((double) said[unit][0])
            .as("unit %d after step %d", unit, steps)
            .isEqualTo(expected[steps - 1][unit], within(1e-6));
      }
    }
  }

  @Test
  void dataThatBeginsOrEndsElsewhereGivesTheSameBits() {
    ModelBundle model = model(2, 6);
    FeatureMatrix features = LstmInferenceTest.features(new Random(1), 400, 0);
    float[] whole = Inference.outputs(model, features);
    for (int[] part : new int[][] {{0, 6}, {0, 131}, {1, 300}, {127, 400}}) {
      float[] values = Arrays.copyOfRange(features.values(), part[0] * 2, part[1] * 2);
      float[] p =
          Inference.outputs(
              model, new FeatureMatrix(LstmInferenceTest.FEATURES, values, part[1] - part[0], 0));

      assertThat(Arrays.copyOfRange(p, 5 * 3, p.length))
          .as("rows %d to %d", part[0], part[1])
          .containsExactly(Arrays.copyOfRange(whole, (part[0] + 5) * 3, part[1] * 3));
    }
  }

  @Test
  void decodesToAnEqualModelAndEncodesToEqualBytes() {
    ModelBundle model = model(2, 6);
    byte[] bytes = ModelBundleCodec.encode(model);

    ModelBundle decoded = ModelBundleCodec.decode(bytes);

    assertThat(decoded.formatVersion()).isEqualTo(6);
    assertThat(ModelBundleCodec.encode(decoded)).isEqualTo(bytes);
    assertThat(decoded.weightsSha256()).isEqualTo(model.weightsSha256());
    assertThat(decoded.architecture()).isEqualTo("gru 2-5-5-3 over 6 bars");
    // 3 gates of 5 units: 2 + 5 and 5 + 5 weights each, 4 · 5 biases a layer; 3 outputs of 5 + 1.
    assertThat(decoded.parameterCount()).isEqualTo(15 * 7 + 20 + 15 * 10 + 20 + 18);
    assertThat(new ModelSpec.Recurrent(RecurrentType.GRU, 5, 2, 6, 0).parameters(2, 3))
        .isEqualTo(decoded.parameterCount());
    FeatureMatrix features = LstmInferenceTest.features(new Random(1), 20, 0);
    assertThat(Inference.outputs(decoded, features))
        .containsExactly(Inference.outputs(model, features));
  }

  @Test
  void itsModelsTellRegimesApartOrPredictReturnsInTheSameFormat() throws IOException {
    Recurrence recurrence = requireNonNull(model(2, 6).recurrence());
    DenseLayer regimes = new DenseLayer(5, 4, Activation.SOFTMAX, new float[20], new float[4]);
    DenseLayer returns = new DenseLayer(5, 1, Activation.IDENTITY, new float[5], new float[1]);

    ModelBundle ofRegimes = roundTrip(LstmInferenceTest.model(recurrence, regimes));
    ModelBundle ofReturns = roundTrip(LstmInferenceTest.model(recurrence, returns));

    assertThat(ofRegimes.classes()).isEqualTo(LabelClasses.REGIMES);
    assertThat(ofReturns.predictsReturns()).isTrue();
    assertThat(json(ofRegimes).path("classes")).hasSize(4);
    assertThat(json(ofReturns).path("classes").isNull()).isTrue();
    assertThat(List.of(ofRegimes.formatVersion(), ofReturns.formatVersion())).containsOnly(6);
  }

  private static ModelBundle roundTrip(ModelBundle model) {
    return ModelBundleCodec.decode(ModelBundleCodec.encode(model));
  }

  private static ObjectNode json(ModelBundle model) throws IOException {
    return (ObjectNode) Json.mapper().readTree(ModelBundleCodec.encode(model));
  }

  @Test
  void refusesDocumentsThatWereTamperedWith() throws IOException {
    refuses(json -> json.put("format_version", ModelBundle.RECURRENT_VERSION));
    refuses(json -> json.putNull("classes"));
    refuses(json -> json.remove("classes"));
    refuses(json -> json.putNull("recurrence"));
    refuses(json -> recurrence(json).put("type", "lstm"));
    refuses(json -> recurrence(json).put("type", "rnn"));
    refuses(json -> recurrence(json).remove("type"));
    refuses(json -> recurrence(json).put("sequence_length", 7));
  }

  @Test
  void refusesLayersThatDoNotFitTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GruLayer(2, 5, new float[30], new float[75], new float[15]))
        .withMessageContaining("30 and 75 weights and 15 biases for a gru layer of 2 × 5");
    LstmLayer lstm = new LstmLayer(5, 5, new float[100], new float[100], new float[20]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Recurrence(6, List.of(layer(new Random(1), 2), lstm)))
        .withMessageContaining("more than one type");
  }

  @Test
  void aModelOfAnotherTypeThanItsStrategySaysIsRefused() {
    NeuroFuzzyStrategy lstm =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL.replace(
                "type: mlp", "type: lstm\n  architecture: {hidden_size: 5, sequence_length: 6}"));

    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> model(2, 6).requireSequencesOf(lstm))
        .withMessageContaining("the model is of type gru, its strategy says lstm");
  }

  private static void refuses(Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = json(model(2, 6));
    change.accept(json);
    byte[] bytes = Json.mapper().writeValueAsBytes(json);
    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> ModelBundleCodec.decode(bytes))
        .extracting(ModelInvalidException::code)
        .isEqualTo("MODEL_CORRUPT");
  }

  private static ObjectNode recurrence(ObjectNode json) {
    return (ObjectNode) json.path("recurrence");
  }

  private static double[] naive(ModelBundle model, FeatureMatrix features, int row) {
    Recurrence recurrence = requireNonNull(model.recurrence());
    double[][] h = new double[recurrence.layers().size()][UNITS];
    for (int bar = row - recurrence.sequenceLength() + 1; bar <= row; bar++) {
      double[] x = {features.values()[2 * bar], features.values()[2 * bar + 1]};
      for (int l = 0; l < h.length; l++) {
        h[l] = next((GruLayer) recurrence.layers().get(l), x, h[l]);
        x = h[l];
      }
    }
    DenseLayer output = model.layers().getFirst();
    double[] p = new double[3];
    for (int o = 0; o < 3; o++) {
      double[] weights = column(output.weights(), 3, o);
      p[o] = Math.exp(output.biases()[o] + product(h[h.length - 1], weights));
    }
    double total = p[0] + p[1] + p[2];
    return new double[] {p[0] / total, p[1] / total, p[2] / total};
  }

  private static double[] next(GruLayer layer, double[] x, double[] h) {
    int units = layer.units();
    double[] next = new double[units];
    for (int unit = 0; unit < units; unit++) {
      double[] fromInputs = new double[3];
      double[] fromBefore = new double[3];
      for (int gate = 0; gate < 3; gate++) {
        int column = gate * units + unit;
        fromInputs[gate] =
            layer.biases()[column] + product(x, column(layer.inputWeights(), 3 * units, column));
        fromBefore[gate] = product(h, column(layer.recurrentWeights(), 3 * units, column));
      }
      double reset = sigmoid(fromInputs[0] + fromBefore[0]);
      double update = sigmoid(fromInputs[1] + fromBefore[1]);
      double bias = layer.biases()[3 * units + unit];
      double candidate = Math.tanh(fromInputs[2] + reset * (bias + fromBefore[2]));
      next[unit] = update * h[unit] + (1 - update) * candidate;
    }
    return next;
  }

  private static double[] column(float[] matrix, int columns, int column) {
    double[] values = new double[matrix.length / columns];
    Arrays.setAll(values, i -> matrix[i * columns + column]);
    return values;
  }

  private static double product(double[] x, double[] weights) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * weights[i];
    }
    return sum;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static float[] sequence(int n, int offset) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = ((37 * i + offset) % 101 - 50) / 32f;
    }
    return values;
  }

  private static GruLayer asPyTorchHasIt(int inputs, int units, int offset) {
    float[] ofInputs = sequence(3 * units, 3 + offset);
    float[] ofBefore = sequence(3 * units, 4 + offset);
    float[] biases = new float[4 * units];
    for (int i = 0; i < 3 * units; i++) {
      biases[i] = i < 2 * units ? ofInputs[i] + ofBefore[i] : ofInputs[i];
    }
    System.arraycopy(ofBefore, 2 * units, biases, 3 * units, units);
    return new GruLayer(
        inputs,
        units,
        transposed(sequence(3 * units * inputs, 1 + offset), 3 * units, inputs),
        transposed(sequence(3 * units * units, 2 + offset), 3 * units, units),
        biases);
  }

  private static float[] transposed(float[] matrix, int rows, int columns) {
    float[] transposed = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = matrix[row * columns + column];
      }
    }
    return transposed;
  }

  private static ModelBundle model(int layers, int sequence) {
    Random random = new Random(layers);
    GruLayer[] stack = new GruLayer[layers];
    for (int l = 0; l < layers; l++) {
      stack[l] = layer(random, l == 0 ? 2 : UNITS);
    }
    return LstmInferenceTest.model(new Recurrence(sequence, List.of(stack)));
  }

  private static GruLayer layer(Random random, int inputs) {
    return new GruLayer(
        inputs,
        UNITS,
        LstmInferenceTest.gaussian(random, inputs * 3 * UNITS),
        LstmInferenceTest.gaussian(random, UNITS * 3 * UNITS),
        LstmInferenceTest.gaussian(random, 4 * UNITS));
  }
}
