package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/**
 * A trained model: everything needed to decide, as plain data. Always consistent: the layers fit
 * together, the first takes one input per feature, the last gives {@link #OUTPUTS} through softmax,
 * every number is finite.
 *
 * @param formatVersion of the encoding, {@link #FORMAT_VERSION} for new models; those of version 1
 *     know one timeframe only
 * @param strategyYaml the strategy's text at training; features are built from it
 * @param timeframe the bars it was trained on, and decides at
 * @param timeframes what its inputs with {@code timeframes: all} see, in order; never empty
 * @param trainStart first day of the training data, inclusive
 * @param trainEnd last day of the training data, inclusive
 * @param featureNames the network's inputs, in order
 * @param engineVersion of the training code
 * @param training metrics, dataset fingerprints, best epoch: for people and reports, nothing is
 *     decided by it
 */
public record ModelBundle(
    int formatVersion,
    String strategyName,
    String strategyYaml,
    Timeframe timeframe,
    List<Timeframe> timeframes,
    List<String> symbols,
    LocalDate trainStart,
    LocalDate trainEnd,
    List<String> featureNames,
    List<DenseLayer> layers,
    String engineVersion,
    long seed,
    ObjectNode training) {

  /** The encoding of new models. Older ones are read, and written as they were. */
  public static final int FORMAT_VERSION = 2;

  /** The encoding from before there were inputs of several timeframes. */
  static final int SINGLE_TIMEFRAME_VERSION = 1;

  /** BUY, HOLD, SELL, in this order. */
  public static final int OUTPUTS = 3;

  public static final int BUY = 0;
  public static final int HOLD = 1;
  public static final int SELL = 2;

  /** Most layers, the output layer included. */
  public static final int LAYERS_MAX = 16;

  /** Most weights and biases together. */
  public static final int PARAMETERS_MAX = 2_000_000;

  /**
   * @throws IllegalArgumentException when the parts do not fit together
   */
  public ModelBundle {
    requireNonNull(strategyName, "strategyName is null");
    requireNonNull(strategyYaml, "strategyYaml is null");
    requireNonNull(timeframe, "timeframe is null");
    timeframes = List.copyOf(timeframes);
    symbols = List.copyOf(symbols);
    requireNonNull(trainStart, "trainStart is null");
    requireNonNull(trainEnd, "trainEnd is null");
    featureNames = List.copyOf(featureNames);
    layers = List.copyOf(layers);
    requireNonNull(engineVersion, "engineVersion is null");
    training = training.deepCopy();
    checkTimeframes(formatVersion, timeframe, timeframes);
    checkLayers(featureNames, layers);
    checkFinite("training", training);
  }

  /** Digest of the shapes, weights and biases, in layer order: equal for equal networks. */
  public Sha256 weightsSha256() {
    long floats = parameterCount();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(4 * (floats + 2L * layers.size())))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (DenseLayer layer : layers) {
      bytes.putInt(layer.inputs()).putInt(layer.outputs());
      for (float weight : layer.weights()) {
        bytes.putFloat(weight);
      }
      for (float bias : layer.biases()) {
        bytes.putFloat(bias);
      }
    }
    return Sha256.of(bytes.array());
  }

  /** Weights and biases together. */
  public int parameterCount() {
    return layers.stream().mapToInt(l -> l.weights().length + l.biases().length).sum();
  }

  private static void checkTimeframes(int version, Timeframe base, List<Timeframe> timeframes) {
    if (timeframes.isEmpty() || Set.copyOf(timeframes).size() < timeframes.size()) {
      throw new IllegalArgumentException(
          "timeframes are %s, there must be at least one, each once".formatted(timeframes));
    }
    if (version == SINGLE_TIMEFRAME_VERSION && !timeframes.equals(List.of(base))) {
      throw new IllegalArgumentException(
          "format version %d has one timeframe, not %s".formatted(version, timeframes));
    }
  }

  private static void checkLayers(List<String> features, List<DenseLayer> layers) {
    if (layers.isEmpty() || layers.size() > LAYERS_MAX) {
      throw new IllegalArgumentException(
          "%d layers, there must be 1 to %d".formatted(layers.size(), LAYERS_MAX));
    }
    int width = features.size();
    long parameters = 0;
    for (int i = 0; i < layers.size(); i++) {
      DenseLayer layer = layers.get(i);
      boolean last = i == layers.size() - 1;
      if (layer.inputs() != width) {
        throw new IllegalArgumentException(
            "layer %d takes %d inputs and is given %d".formatted(i, layer.inputs(), width));
      }
      if (last != (layer.activation() == Activation.SOFTMAX)) {
        throw new IllegalArgumentException("softmax belongs to the last layer, and only there");
      }
      checkFinite(i, layer.weights());
      checkFinite(i, layer.biases());
      width = layer.outputs();
      parameters += layer.weights().length + layer.biases().length;
    }
    if (width != OUTPUTS) {
      throw new IllegalArgumentException(
          "the network has %d outputs, there must be %d: BUY, HOLD, SELL"
              .formatted(width, OUTPUTS));
    }
    if (parameters > PARAMETERS_MAX) {
      throw new IllegalArgumentException(
          "%d parameters, at most %d".formatted(parameters, PARAMETERS_MAX));
    }
  }

  private static void checkFinite(int layer, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("layer " + layer + " has a parameter " + value);
      }
    }
  }

  /** JSON has no NaN; a metric that is undefined is null. */
  private static void checkFinite(String path, JsonNode node) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      throw new IllegalArgumentException(path + " is " + node.doubleValue() + "; write null");
    }
    node.properties().forEach(e -> checkFinite(path + "." + e.getKey(), e.getValue()));
    if (node.isArray()) {
      node.forEach(element -> checkFinite(path + "[]", element));
    }
  }
}
