package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelBundleTest {

  private static final List<String> FEATURES = List.of("1d_rsi_low", "1d_rsi_high");

  private final ModelBundle model =
      model(
          layer(2, 3, Activation.RELU, 1, 0, -1, 0, 1, 1, /* biases */ 0, 0.5f, 0),
          layer(3, 3, Activation.SOFTMAX, 1, 0, 0, 0, 1, 0, 0, 0, 1, /* biases */ 0, 0, 0));

  @Test
  void decodesToAnEqualModelAndEncodesToEqualBytes() {
    byte[] bytes = ModelBundleCodec.encode(model);

    ModelBundle decoded = ModelBundleCodec.decode(bytes);

    assertThat(ModelBundleCodec.encode(decoded)).isEqualTo(bytes);
    assertThat(decoded.weightsSha256()).isEqualTo(model.weightsSha256());
    assertThat(decoded.parameterCount()).isEqualTo(6 + 3 + 9 + 3);
    assertThat(decoded.featureNames()).isEqualTo(FEATURES);
    assertThat(decoded.training()).isEqualTo(model.training());
    assertThat(decoded.trainStart()).isEqualTo(model.trainStart());
    assertThat(decoded).usingRecursiveComparison().ignoringFields("training").isEqualTo(model);
  }

  @Test
  void modelsFromBeforeThereWereSeveralTimeframesAreReadAndStayAsTheyWere() throws IOException {
    ObjectNode json = (ObjectNode) Json.mapper().readTree(ModelBundleCodec.encode(model));
    json.put("format_version", 1).remove(List.of("timeframes", "scalings"));
    byte[] bytes = Json.mapper().writeValueAsBytes(json);

    ModelBundle old = ModelBundleCodec.decode(bytes);

    assertThat(old.timeframes()).containsExactly(Timeframe.D1);
    assertThat(ModelBundleCodec.encode(old)).isEqualTo(bytes);
    json.putArray("timeframes").add("1d");
    refuses("MODEL_CORRUPT", Json.mapper().writeValueAsBytes(json));
  }

  @Test
  void modelsFromBeforeFeaturesWereScaledAreReadAndStayAsTheyWere() throws IOException {
    ObjectNode json = (ObjectNode) Json.mapper().readTree(ModelBundleCodec.encode(model));
    json.put("format_version", 2).remove("scalings");
    byte[] bytes = Json.mapper().writeValueAsBytes(json);

    ModelBundle old = ModelBundleCodec.decode(bytes);

    assertThat(old.scalings()).isEmpty();
    assertThat(ModelBundleCodec.encode(old)).isEqualTo(bytes);
    json.putArray("scalings");
    refuses("MODEL_CORRUPT", Json.mapper().writeValueAsBytes(json));
  }

  @Test
  void scaledFeaturesAreScaledAsTheModelSaysBeforeTheNetworkSeesThem() {
    // 1/3 and the like: what is read must be what was written, to the last bit.
    ModelBundle scaled =
        scaled(
            new FeatureScaling("1d_rsi_low", Normalization.ZSCORE, 1 / 3.0, 0.1),
            new FeatureScaling("1d_rsi_high", Normalization.MINMAX, -2, 7 / 11.0));
    ModelBundle decoded = ModelBundleCodec.decode(ModelBundleCodec.encode(scaled));
    assertThat(decoded.scalings()).isEqualTo(scaled.scalings());
    float[] x = {Float.NaN, 0.5f, 0.4f, -1.5f};
    float[] byHand = {
      Float.NaN, Float.NaN, (float) ((0.4f - 1 / 3.0) / 0.1), (float) ((-1.5f + 2) / (7 / 11.0))
    };

    assertThat(Inference.outputs(decoded, new FeatureMatrix(FEATURES, x, 2, 1)))
        .containsExactly(Inference.outputs(model, new FeatureMatrix(FEATURES, byHand, 2, 1)));
    assertThat(x).as("not touched").containsExactly(Float.NaN, 0.5f, 0.4f, -1.5f);
  }

  @Test
  void aNetworkMayPredictOneReturnInstead() throws IOException {
    ModelBundle returns =
        model(
            layer(2, 3, Activation.RELU, 1, 0, -1, 0, 1, 1, /* biases */ 0, 0.5f, 0),
            layer(3, 1, Activation.IDENTITY, 1, -2, 0, /* bias */ 0.25f));

    ModelBundle decoded = ModelBundleCodec.decode(ModelBundleCodec.encode(returns));

    assertThat(decoded.predictsReturns()).isTrue();
    assertThat(model.predictsReturns()).isFalse();
    // Sums of (2, 1) are (2, 1.5, -1), relu (2, 1.5, 0).
    float[] x = {Float.NaN, 0, 2, 1};
    assertThat(Inference.outputs(decoded, new FeatureMatrix(FEATURES, x, 2, 1)))
        .containsExactly(Float.NaN, -0.75f);
    ObjectNode json = (ObjectNode) Json.mapper().readTree(ModelBundleCodec.encode(returns));
    json.put("format_version", 2).remove("scalings");
    refuses("MODEL_CORRUPT", Json.mapper().writeValueAsBytes(json));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(layer(2, 2, Activation.IDENTITY, new float[6])));
  }

  @Test
  void aNetworkMayTellRegimesApartAndSaysTheirNames() throws IOException {
    ModelBundle regimes =
        regimes(layer(2, 4, Activation.SOFTMAX, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0));
    byte[] bytes = ModelBundleCodec.encode(regimes);

    ModelBundle decoded = ModelBundleCodec.decode(bytes);

    assertThat(decoded.classes()).isEqualTo(LabelClasses.REGIMES);
    assertThat(model.classes()).isEqualTo(LabelClasses.SIGNALS);
    assertThat(ModelBundleCodec.encode(decoded)).isEqualTo(bytes);
    assertThat(Inference.outputs(decoded, new FeatureMatrix(FEATURES, new float[] {9, 0}, 1, 0)))
        .containsExactly(new float[] {0, 0, 0, 1}, within(1e-6f));
    JsonNode json = Json.mapper().readTree(bytes);
    assertThat(json.path("format_version").intValue()).isEqualTo(5);
    assertThat(json.path("classes").toString())
        .isEqualTo("[\"trending_up\",\"trending_down\",\"ranging\",\"volatile\"]");
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (String wrong :
        List.of(
            text.replace("\"trending_up\",\"trending_down\"", "\"trending_down\",\"trending_up\""),
            text.replace(",\"volatile\"", ""),
            text.replace("\"format_version\":5", "\"format_version\":4"),
            text.replace("\"recurrence\":null,", ""))) {
      assertThat(wrong).isNotEqualTo(text);
      refuses("MODEL_CORRUPT", wrong.getBytes(StandardCharsets.UTF_8));
    }
    for (int version : new int[] {3, 4}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> withFormat(version, null, regimes.layers()));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> withFormat(5, null, model.layers()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> withFormat(5, null, List.of(layer(2, 1, Activation.IDENTITY, 1, 1, 0))));
  }

  @Test
  void soMayOneThatReadsSequences() {
    Recurrence recurrence =
        new Recurrence(
            2,
            List.of(
                new LstmLayer(
                    2, 1, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new float[4], new float[4])));
    DenseLayer output = layer(1, 4, Activation.SOFTMAX, 1, 2, 3, 4, 0, 0, 0, 0);
    ModelBundle regimes =
        withFormat(ModelBundle.formatOf(recurrence, List.of(output)), recurrence, List.of(output));

    ModelBundle decoded = ModelBundleCodec.decode(ModelBundleCodec.encode(regimes));

    assertThat(decoded.sequenceLength()).isEqualTo(2);
    assertThat(decoded.weightsSha256()).isEqualTo(regimes.weightsSha256());
    assertThat(decoded.outputs()).isEqualTo(4);
  }

  private static ModelBundle regimes(DenseLayer... layers) {
    return withFormat(ModelBundle.formatOf(null, List.of(layers)), null, List.of(layers));
  }

  @Test
  void refusesScalingsThatAreNoneOfItsFeatures() throws IOException {
    FeatureScaling low = new FeatureScaling("1d_rsi_low", Normalization.ZSCORE, 0, 1);
    FeatureScaling high = new FeatureScaling("1d_rsi_high", Normalization.ZSCORE, 0, 1);
    FeatureScaling other = new FeatureScaling("1d_x_raw", Normalization.ZSCORE, 0, 1);
    for (List<FeatureScaling> wrong :
        List.of(List.of(other), List.of(high, low), List.of(low, low))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scaled(wrong.toArray(FeatureScaling[]::new)));
    }
    byte[] bytes = ModelBundleCodec.encode(scaled(low));
    for (String change :
        List.of("\"divisor\":0.0", "\"divisor\":-1.0", "\"divisor\":\"1\"", "\"divisr\":1.0")) {
      String json = new String(bytes, StandardCharsets.UTF_8).replace("\"divisor\":1.0", change);
      refuses("MODEL_CORRUPT", json.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aModelMustScaleWhatItsStrategyScales() {
    FeatureBuilder builder =
        new FeatureBuilder(
            StrategyParser.parseNeuroFuzzy(
                Samples.MINIMAL.replace(
                    "- fuzzy_set: rsi", "- {raw_indicator: rsi_14, normalization: minmax}")),
            Timeframe.D1);
    assertThat(builder.normalizations())
        .containsExactly(Map.entry("1d_rsi_14_raw", Normalization.MINMAX));

    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> builder.requireFits(single()))
        .withMessageContaining("the model scales {}");
    builder.requireFits(single(new FeatureScaling("1d_rsi_14_raw", Normalization.MINMAX, 20, 60)));
  }

  private static ModelBundle single(FeatureScaling... scalings) {
    return scaled(
        List.of("1d_rsi_14_raw"),
        List.of(scalings),
        List.of(layer(1, 3, Activation.SOFTMAX, new float[6])));
  }

  private ModelBundle scaled(FeatureScaling... scalings) {
    return scaled(FEATURES, List.of(scalings), model.layers());
  }

  private static ModelBundle scaled(
      List<String> features, List<FeatureScaling> scalings, List<DenseLayer> layers) {
    return bundle(ModelBundle.FORMAT_VERSION, features, scalings, null, layers);
  }

  private static ModelBundle withFormat(
      int version, @Nullable Recurrence recurrence, List<DenseLayer> layers) {
    return bundle(version, FEATURES, List.of(), recurrence, layers);
  }

  private static ModelBundle bundle(
      int version,
      List<String> features,
      List<FeatureScaling> scalings,
      @Nullable Recurrence recurrence,
      List<DenseLayer> layers) {
    return new ModelBundle(
        version,
        "minimal",
        Samples.MINIMAL,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2015, 1, 1),
        LocalDate.of(2022, 12, 31),
        features,
        scalings,
        recurrence,
        layers,
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }

  @Test
  void theShippedModelIsStillRead() throws IOException {
    byte[] bytes =
        Files.readAllBytes(Path.of("..", "models", "neuro_mean_reversion", "1d_v21", "model.json"));

    ModelBundle shipped = ModelBundleCodec.decode(bytes);

    assertThat(
            new FeatureBuilder(
                    StrategyParser.parseNeuroFuzzy(shipped.strategyYaml()),
                    shipped.timeframe(),
                    shipped.timeframes())
                .names())
        .isEqualTo(shipped.featureNames());
  }

  @Test
  void theWeightsDigestSeesEveryWeightAndTheShape() {
    DenseLayer last = model.layers().getLast();
    ModelBundle other =
        model(layer(2, 3, Activation.RELU, 1, 0, -1, 0, 1, 1, 0, 0.5f, Math.ulp(0f)), last);

    assertThat(other.weightsSha256()).isNotEqualTo(model.weightsSha256());
  }

  @Test
  void computesTheForwardPassByHand() {
    // x = (2, 1): sums (2, 1.5, -1), relu (2, 1.5, 0).
    float[] p = Inference.outputs(model, new FeatureMatrix(FEATURES, new float[] {2, 1}, 1, 0));

    double total = Math.exp(2) + Math.exp(1.5) + 1;
    assertThat(p[ModelBundle.BUY]).isEqualTo((float) (Math.exp(2) / total), within(1e-6f));
    assertThat(p[ModelBundle.HOLD]).isEqualTo((float) (Math.exp(1.5) / total), within(1e-6f));
    assertThat(p[ModelBundle.SELL]).isEqualTo((float) (1 / total), within(1e-6f));
  }

  @Test
  void rowsWithoutFeaturesHaveNoProbabilities() {
    float[] values = {Float.NaN, Float.NaN, 0.5f, 0.5f};

    float[] p = Inference.outputs(model, new FeatureMatrix(FEATURES, values, 2, 1));

    assertThat(p).hasSize(6);
    assertThat(new float[] {p[0], p[1], p[2]}).containsExactly(Float.NaN, Float.NaN, Float.NaN);
    assertThat(p[3] + p[4] + p[5]).isEqualTo(1, within(1e-6f));
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SOFTMAX"})
  void agreesWithAStraightforwardForwardPass(Activation activation) {
    Random random = new Random(5);
    DenseLayer hidden = randomLayer(random, 2, 7, activation);
    DenseLayer output = randomLayer(random, 7, 3, Activation.SOFTMAX);
    float[] x = {0.3f, -1.7f, 40f, -40f};

    float[] p = Inference.outputs(model(hidden, output), new FeatureMatrix(FEATURES, x, 2, 0));

    for (int row = 0; row < 2; row++) {
      double[] h = straightforward(hidden, new double[] {x[2 * row], x[2 * row + 1]});
      double[] z = straightforward(output, h);
      double total = Math.exp(z[0]) + Math.exp(z[1]) + Math.exp(z[2]);
      for (int c = 0; c < 3; c++) {
        assertThat((double) p[3 * row + c]).isEqualTo(Math.exp(z[c]) / total, within(1e-4));
      }
    }
  }

  @Test
  void hugeSumsDoNotOverflow() {
    float[] p =
        Inference.outputs(model, new FeatureMatrix(FEATURES, new float[] {1e30f, -1e30f}, 1, 0));

    assertThat(p).containsExactly(1f, 0f, 0f);
  }

  @Test
  void aRowDoesNotDependOnTheRowsAroundIt() {
    Random random = new Random(9);
    float[] x = new float[2 * 50];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat();
    }
    float[] together = Inference.outputs(model, new FeatureMatrix(FEATURES, x, 50, 0));
    for (int row = 0; row < 50; row++) {
      float[] alone =
          Inference.outputs(
              model, new FeatureMatrix(FEATURES, new float[] {x[2 * row], x[2 * row + 1]}, 1, 0));
      assertThat(alone)
          .containsExactly(together[3 * row], together[3 * row + 1], together[3 * row + 2]);
    }
  }

  @Test
  void refusesFeaturesTheModelWasNotTrainedOn() {
    FeatureMatrix swapped = new FeatureMatrix(FEATURES.reversed(), new float[2], 1, 0);
    FeatureMatrix other = new FeatureMatrix(List.of("1d_rsi_low", "1d_x"), new float[2], 1, 0);

    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> Inference.outputs(model, swapped))
        .withMessageContaining("another order")
        .extracting(ModelInvalidException::code)
        .isEqualTo("MODEL_FEATURES_MISMATCH");
    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> Inference.outputs(model, other))
        .withMessageContaining("missing [1d_rsi_high], unknown [1d_x]");
  }

  @Test
  void refusesNetworksThatDoNotFitTogether() {
    DenseLayer last = model.layers().getLast();
    assertThatIllegalArgumentException().isThrownBy(() -> model(last));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(layer(2, 3, Activation.RELU, new float[9])));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(layer(2, 2, Activation.SOFTMAX, new float[6])));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> model(layer(2, 3, Activation.SOFTMAX, 0, 0, 0, 0, 0, Float.NaN, 0, 0, 0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer(2, 3, Activation.SOFTMAX, new float[8]));
  }

  @Test
  void aMetricThatIsNotANumberCannotBeStored() {
    ObjectNode training = Json.mapper().createObjectNode();
    training.putObject("test").put("f1", Double.NaN);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(training, model.layers()))
        .withMessageContaining("training.test.f1");
  }

  @Test
  void refusesDocumentsThatWereTamperedWith() throws IOException {
    refuses("MODEL_CORRUPT", json -> json.put("weights_sha256", "0".repeat(64)));
    refuses("MODEL_CORRUPT", json -> json.put("extra", 1));
    refuses("MODEL_CORRUPT", json -> json.remove("seed"));
    refuses("MODEL_CORRUPT", json -> json.put("seed", 1.5));
    refuses("MODEL_CORRUPT", json -> json.put("timeframe", "2d"));
    refuses("MODEL_CORRUPT", json -> json.remove("timeframes"));
    refuses("MODEL_CORRUPT", json -> json.putArray("timeframes"));
    refuses("MODEL_CORRUPT", json -> json.putArray("timeframes").add("1d").add("1d"));
    refuses("MODEL_CORRUPT", json -> json.putArray("timeframes").add("2d"));
    refuses("MODEL_CORRUPT", json -> json.put("train_start", "yesterday"));
    refuses("MODEL_CORRUPT", json -> json.putNull("training"));
    refuses("MODEL_CORRUPT", json -> json.putArray("layers"));
    refuses("MODEL_CORRUPT", json -> json.putArray("feature_names").add("1d_rsi_low"));
    refuses("MODEL_CORRUPT", json -> layerOf(json).put("weights", "AAAA"));
    refuses("MODEL_CORRUPT", json -> layerOf(json).put("weights", "not base64!"));
    refuses("MODEL_CORRUPT", json -> layerOf(json).put("inputs", 2_000_000_000));
    refuses("MODEL_CORRUPT", json -> layerOf(json).put("inputs", -2));
    refuses("MODEL_CORRUPT", json -> layerOf(json).put("activation", "swish"));
    refuses("MODEL_VERSION_UNSUPPORTED", json -> json.put("format_version", 7).put("more", 1));
    refuses("MODEL_CORRUPT", json -> json.put("format_version", "1"));
  }

  @Test
  void refusesBytesThatAreNotOneJsonDocument() {
    String json = new String(ModelBundleCodec.encode(model), StandardCharsets.UTF_8);

    refuses("MODEL_CORRUPT", new byte[0]);
    refuses("MODEL_CORRUPT", new byte[] {1, 2, 3});
    refuses("MODEL_CORRUPT", "[]".getBytes(StandardCharsets.UTF_8));
    refuses("MODEL_CORRUPT", (json + "{}").getBytes(StandardCharsets.UTF_8));
    refuses(
        "MODEL_CORRUPT",
        json.replace("\"seed\":", "\"seed\":1,\"seed\":").getBytes(StandardCharsets.UTF_8));
    refuses("MODEL_CORRUPT", "[".repeat(5_000).getBytes(StandardCharsets.UTF_8));
    refuses("MODEL_TOO_LARGE", new byte[ModelBundleCodec.BYTES_MAX + 1]);
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] bytes = ModelBundleCodec.encode(model);
    for (int length = 0; length < bytes.length; length += 17) {
      refuses("MODEL_CORRUPT", Arrays.copyOf(bytes, length));
    }
  }

  private void refuses(String code, Consumer<ObjectNode> change) throws IOException {
    JsonNode json = Json.mapper().readTree(ModelBundleCodec.encode(model));
    change.accept((ObjectNode) json);
    refuses(code, Json.mapper().writeValueAsBytes(json));
  }

  private static void refuses(String code, byte[] bytes) {
    assertThatExceptionOfType(ModelInvalidException.class)
        .isThrownBy(() -> ModelBundleCodec.decode(bytes))
        .extracting(ModelInvalidException::code)
        .isEqualTo(code);
  }

  private static ObjectNode layerOf(ObjectNode json) {
    return (ObjectNode) json.path("layers").path(0);
  }

  private static ModelBundle model(DenseLayer... layers) {
    ObjectNode training = Json.mapper().createObjectNode().put("best_epoch", 12);
    training.putObject("test_metrics").put("accuracy", 0.41).putNull("f1");
    return model(training, List.of(layers));
  }

  private static ModelBundle model(ObjectNode training, List<DenseLayer> layers) {
    return new ModelBundle(
        ModelBundle.FORMAT_VERSION,
        "minimal",
        Samples.MINIMAL,
        Timeframe.D1,
        List.of(Timeframe.D1, Timeframe.W1),
        List.of("EURUSD"),
        LocalDate.of(2015, 1, 1),
        LocalDate.of(2022, 12, 31),
        FEATURES,
        layers,
        "0.1.0",
        42,
        training);
  }

  private static DenseLayer layer(int inputs, int outputs, Activation activation, float... values) {
    float[] weights = Arrays.copyOf(values, inputs * outputs);
    float[] biases = Arrays.copyOfRange(values, inputs * outputs, values.length);
    return new DenseLayer(inputs, outputs, activation, weights, biases);
  }

  private static DenseLayer randomLayer(Random random, int in, int out, Activation activation) {
    float[] values = new float[in * out + out];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return layer(in, out, activation, values);
  }

  private static double[] straightforward(DenseLayer layer, double[] in) {
    double[] out = new double[layer.outputs()];
    for (int o = 0; o < out.length; o++) {
      double sum = layer.biases()[o];
      for (int i = 0; i < in.length; i++) {
        sum += in[i] * layer.weights()[i * layer.outputs() + o];
      }
      out[o] =
          switch (layer.activation()) {
            case RELU -> Math.max(0, sum);
            case TANH -> Math.tanh(sum);
            case SIGMOID -> 1 / (1 + Math.exp(-sum));
            case LEAKY_RELU -> sum < 0 ? 0.01 * sum : sum;
            case SOFTMAX, IDENTITY -> sum;
          };
    }
    return out;
  }
}
