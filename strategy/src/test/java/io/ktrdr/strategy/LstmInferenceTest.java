package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.SampleBars;
import java.io.IOException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Against a second implementation in double precision, one row at a time, written for reading. */
class LstmInferenceTest {

  static final List<String> FEATURES = List.of("1d_rsi_low", "1d_rsi_high");

  private static final String LSTM =
      Samples.MINIMAL.replace(
          "type: mlp",
          """
          type: lstm
            architecture: {hidden_size: 5, num_layers: 2, sequence_length: 7}
          """);

  @Test
  void answersAsTheFormulaSays() {
    for (int layers = 1; layers <= 3; layers++) {
      ModelBundle model = model(new Random(layers), layers, 6);
      FeatureMatrix features = features(new Random(1), 300, 4);

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

  @Test
  void dataThatBeginsOrEndsElsewhereGivesTheSameBits() {
    ModelBundle model = model(new Random(3), 2, 6);
    FeatureMatrix features = features(new Random(1), 400, 0);
    float[] whole = Inference.outputs(model, features);
    for (int[] part : new int[][] {{0, 6}, {0, 131}, {1, 300}, {127, 400}, {250, 256}}) {
      float[] values = Arrays.copyOfRange(features.values(), part[0] * 2, part[1] * 2);
      float[] p =
          Inference.outputs(model, new FeatureMatrix(FEATURES, values, part[1] - part[0], 0));

      for (int i = 0; i < 5 * 3; i++) {
        assertThat(p[i]).isNaN();
      }
      assertThat(Arrays.copyOfRange(p, 5 * 3, p.length))
          .as("rows %d to %d", part[0], part[1])
          .containsExactly(Arrays.copyOfRange(whole, (part[0] + 5) * 3, part[1] * 3));
    }
  }

  @Test
  void tooFewRowsForASequenceHaveNoAnswer() {
    float[] p = Inference.outputs(model(new Random(3), 1, 6), features(new Random(1), 5, 2));

    assertThat(p).hasSize(15).containsOnly(Float.NaN);
  }

  @Test
  void whoeverWaitsMayStopIt() {
    ModelBundle model = model(new Random(3), 1, 6);
    FeatureMatrix features = features(new Random(1), 1_000, 0);

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() ->
            Inference.outputs(
                model,
                features,
                done -> {
                  if (done > 300) {
                    throw new IllegalStateException("stopped at " + done);
                  }
                }))
        .withMessage("stopped at 389");
  }

  /** Bars taken away at the end change no answer before: what a strategy decides is causal. */
  @Test
  void noAnswerKnowsALaterBar() {
    BarSeries bars = SampleBars.walk(120, 7);
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(LSTM);
    ModelBundle model = model(new Random(4), 2, strategy.model().sequenceLength());
    FeatureBuilder builder = new FeatureBuilder(strategy, bars.timeframe());
    float[] whole = Inference.outputs(model, builder.build(bars));
    for (int length = strategy.warmupBars() + 1; length < bars.size(); length += 9) {
      float[] known = Inference.outputs(model, builder.build(bars.slice(0, length)));
      assertThat(known).containsExactly(Arrays.copyOf(whole, length * 3));
    }
  }

  @Test
  void warmUpHasTheSequenceAndTheLookaheadCheckKnowsIt() {
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(LSTM);

    assertThat(strategy.warmupBars()).isEqualTo(14 + 6);
    assertThat(strategy.warmupBarsAtLeast()).isEqualTo(14 + 6);
    LookaheadReport report = LookaheadCheck.run(strategy, SampleBars.walk(200, 7), 10);
    assertThat(report.warmupBars()).isEqualTo(14 + 6);
    assertThat(report.clean()).isTrue();
  }

  @Test
  void decodesToAnEqualModelAndEncodesToEqualBytes() {
    ModelBundle model = model(new Random(3), 2, 6);
    byte[] bytes = ModelBundleCodec.encode(model);

    ModelBundle decoded = ModelBundleCodec.decode(bytes);

    assertThat(ModelBundleCodec.encode(decoded)).isEqualTo(bytes);
    assertThat(decoded.weightsSha256()).isEqualTo(model.weightsSha256());
    assertThat(decoded.parameterCount())
        .isEqualTo((int) new ModelSpec.Recurrent(RecurrentType.LSTM, 5, 2, 6, 0).parameters(2, 3));
    assertThat(decoded.architecture()).isEqualTo("lstm 2-5-5-3 over 6 bars");
    FeatureMatrix features = features(new Random(1), 20, 0);
    assertThat(Inference.outputs(decoded, features))
        .containsExactly(Inference.outputs(model, features));
  }

  @Test
  void theWeightsDigestSeesTheLengthOfTheSequence() {
    assertThat(model(new Random(3), 2, 6).weightsSha256())
        .isNotEqualTo(model(new Random(3), 2, 7).weightsSha256());
  }

  @Test
  void refusesDocumentsThatWereTamperedWith() throws IOException {
    refuses(json -> json.remove("recurrence"));
    refuses(json -> json.putNull("recurrence"));
    refuses(json -> json.put("format_version", ModelBundle.FORMAT_VERSION));
    refuses(json -> recurrence(json).put("sequence_length", 7));
    refuses(json -> recurrence(json).put("sequence_length", 1));
    refuses(json -> recurrence(json).put("sequence_length", 501));
    refuses(json -> recurrence(json).putArray("layers"));
    refuses(json -> lstm(json).put("units", 4));
    refuses(json -> lstm(json).put("units", 99_999));
    refuses(json -> lstm(json).put("inputs", 3));
    refuses(json -> lstm(json).put("biases", "AAAA"));
    refuses(json -> lstm(json).put("activation", "tanh"));
  }

  @Test
  void refusesLayersThatDoNotFitTogether() {
    LstmLayer layer = layer(new Random(1), 2, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Recurrence(6, List.of(layer, layer)))
        .withMessageContaining("takes 2 inputs and is given 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LstmLayer(2, 5, new float[40], new float[99], new float[20]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(new Recurrence(6, List.of(layer(new Random(1), 3, 5)))))
        .withMessageContaining("takes 3 inputs and is given 2");
  }

  private static void refuses(Consumer<ObjectNode> change) throws IOException {
    ObjectNode json =
        (ObjectNode) Json.mapper().readTree(ModelBundleCodec.encode(model(new Random(3), 2, 6)));
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

  private static ObjectNode lstm(ObjectNode json) {
    return (ObjectNode) json.path("recurrence").path("layers").path(0);
  }

  private static double[] naive(ModelBundle model, FeatureMatrix features, int row) {
    Recurrence recurrence = requireNonNull(model.recurrence());
    double[][] h = new double[recurrence.layers().size()][5];
    double[][] c = new double[recurrence.layers().size()][5];
    for (int bar = row - recurrence.sequenceLength() + 1; bar <= row; bar++) {
      double[] x = {features.values()[2 * bar], features.values()[2 * bar + 1]};
      for (int l = 0; l < h.length; l++) {
        step((LstmLayer) recurrence.layers().get(l), x, h[l], c[l]);
        x = h[l];
      }
    }
    DenseLayer output = model.layers().getFirst();
    double[] p = new double[3];
    double total = 0;
    for (int o = 0; o < 3; o++) {
      double sum = output.biases()[o];
      for (int i = 0; i < 5; i++) {
        sum += h[h.length - 1][i] * output.weights()[i * 3 + o];
      }
      p[o] = Math.exp(sum);
      total += p[o];
    }
    for (int o = 0; o < 3; o++) {
      p[o] /= total;
    }
    return p;
  }

  private static void step(LstmLayer layer, double[] x, double[] h, double[] c) {
    double[] before = h.clone();
    for (int unit = 0; unit < layer.units(); unit++) {
      double candidate = Math.tanh(gate(layer, x, before, 0, unit));
      double forget = sigmoid(gate(layer, x, before, 1, unit));
      double output = sigmoid(gate(layer, x, before, 2, unit));
      double input = sigmoid(gate(layer, x, before, 3, unit));
      c[unit] = forget * c[unit] + input * candidate;
      h[unit] = output * Math.tanh(c[unit]);
    }
  }

  private static double gate(LstmLayer layer, double[] x, double[] h, int gate, int unit) {
    int columns = LstmLayer.GATES * layer.units();
    int column = gate * layer.units() + unit;
    double sum = layer.biases()[column];
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * layer.inputWeights()[i * columns + column];
    }
    for (int i = 0; i < h.length; i++) {
      sum += h[i] * layer.recurrentWeights()[i * columns + column];
    }
    return sum;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static ModelBundle model(Random random, int layers, int sequence) {
    LstmLayer[] stack = new LstmLayer[layers];
    for (int l = 0; l < layers; l++) {
      stack[l] = layer(random, l == 0 ? 2 : 5, 5);
    }
    return model(new Recurrence(sequence, List.of(stack)));
  }

  static ModelBundle model(Recurrence recurrence) {
    Random random = new Random(8);
    return model(
        recurrence,
        new DenseLayer(5, 3, Activation.SOFTMAX, gaussian(random, 15), gaussian(random, 3)));
  }

  static ModelBundle model(Recurrence recurrence, DenseLayer output) {
    return new ModelBundle(
        ModelBundle.formatOf(recurrence, List.of(output)),
        "minimal",
        LSTM,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2015, 1, 1),
        LocalDate.of(2022, 12, 31),
        FEATURES,
        List.of(),
        recurrence,
        List.of(output),
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }

  private static LstmLayer layer(Random random, int inputs, int units) {
    int columns = LstmLayer.GATES * units;
    return new LstmLayer(
        inputs,
        units,
        gaussian(random, inputs * columns),
        gaussian(random, units * columns),
        gaussian(random, columns));
  }

  static float[] gaussian(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static FeatureMatrix features(Random random, int rows, int firstUsable) {
    float[] values = gaussian(random, rows * 2);
    Arrays.fill(values, 0, firstUsable * 2, Float.NaN);
    return new FeatureMatrix(FEATURES, values, rows, firstUsable);
  }
}
