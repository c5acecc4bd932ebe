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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A trained model: everything needed to decide, as plain data. Always consistent: the layers fit
 * together, the first takes one input per feature, recurrent ones come before all others, the last
 * gives a probability for each of its {@link #classes} through softmax or one predicted return as
 * it is, every number is finite.
 *
 * @param formatVersion of the encoding, {@link #formatOf} for new models; those of version 1 know
 *     one timeframe only, those before version 3 neither scaled features nor predicted returns,
 *     those before version 5 no classes but BUY, HOLD, SELL, those before version 6 no gru
 * @param strategyYaml the strategy's text at training; features are built from it
 * @param timeframe the bars it was trained on, and decides at
 * @param timeframes what its inputs with {@code timeframes: all} see, in order; never empty
 * @param trainStart first day of the training data, inclusive
 * @param trainEnd last day of the training data, inclusive
 * @param featureNames the network's inputs, in order
 * @param scalings of the features that are scaled before the network sees them, in their order
 * @param recurrence what reads a sequence of bars before the layers; null where an answer sees one
 *     bar
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
    List<FeatureScaling> scalings,
    @Nullable Recurrence recurrence,
    List<DenseLayer> layers,
    String engineVersion,
    long seed,
    ObjectNode training) {

  /** The encoding of models that see one bar. Older ones are read, and written as they were. */
  public static final int FORMAT_VERSION = 3;

  /** The encoding of models that read sequences; others need not know it. */
  static final int RECURRENT_VERSION = 4;

  /** The first encoding of models of other classes than BUY, HOLD, SELL; it says which. */
  static final int CLASSES_VERSION = 5;

  /** The first encoding that says of which type the recurrent layers are; before, all are lstm. */
  static final int RECURRENT_TYPES_VERSION = 6;

  /** The encoding from before there were inputs of several timeframes. */
  static final int SINGLE_TIMEFRAME_VERSION = 1;

  /** The first encoding that has scalings. */
  static final int SCALINGS_VERSION = 3;

  /** The first encoding that has networks which predict returns. */
  static final int RETURNS_VERSION = 3;

  /** Of a network whose classes are BUY, HOLD, SELL, in this order. */
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
    scalings = List.copyOf(scalings);
    layers = List.copyOf(layers);
    requireNonNull(engineVersion, "engineVersion is null");
    training = training.deepCopy();
    checkTimeframes(formatVersion, timeframe, timeframes);
    checkRecurrence(formatVersion, recurrence);
    checkScalings(formatVersion, featureNames, scalings);
    checkLayers(formatVersion, featureNames, recurrence, layers);
    checkFinite("training", training);
  }

  /** A model whose answers see one bar, and its features as they are. */
  public ModelBundle(
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
    this(
        formatVersion,
        strategyName,
        strategyYaml,
        timeframe,
        timeframes,
        symbols,
        trainStart,
        trainEnd,
        featureNames,
        List.of(),
        null,
        layers,
        engineVersion,
        seed,
        training);
  }

  /** The encoding of a new model: the oldest that can say what it has. */
  public static int formatOf(@Nullable Recurrence recurrence, List<DenseLayer> layers) {
    if (recurrence != null && recurrence.type() != RecurrentType.LSTM) {
      return RECURRENT_TYPES_VERSION;
    }
    if (layers.getLast().outputs() > OUTPUTS) {
      return CLASSES_VERSION;
    }
    return recurrence == null ? FORMAT_VERSION : RECURRENT_VERSION;
  }

  /** First row with an answer: the first that has a whole sequence of usable rows. */
  public int firstAnswered(FeatureMatrix features) {
    return Math.min(features.rows(), features.firstUsableRow() + sequenceLength() - 1);
  }

  /** Bars an answer is made of, its own the newest of them. */
  public int sequenceLength() {
    return recurrence == null ? 1 : recurrence.sequenceLength();
  }

  /**
   * Warm-up is told from the strategy before the model is read, so both have to say the same.
   *
   * @throws ModelInvalidException {@code MODEL_CORRUPT} when the model reads sequences of another
   *     length, or by other layers, than its strategy says
   */
  public void requireSequencesOf(NeuroFuzzyStrategy strategy) {
    if (recurrence != null
        && strategy.model() instanceof ModelSpec.Recurrent shape
        && shape.type() != recurrence.type()) {
      throw new ModelInvalidException(
          "MODEL_CORRUPT",
          "the model is of type %s, its strategy says %s: train it again"
              .formatted(recurrence.type().wireName(), shape.type().wireName()));
    }
    if (strategy.model().sequenceLength() != sequenceLength()) {
      throw new ModelInvalidException(
          "MODEL_CORRUPT",
          "the model reads %d bars for an answer, its strategy says %d: train it again"
              .formatted(sequenceLength(), strategy.model().sequenceLength()));
    }
  }

  /**
   * Type and widths from the inputs to the outputs, e.g. {@code mlp 12-32-16-3} or {@code lstm
   * 12-64-64-3 over 20 bars}.
   */
  public String architecture() {
    String widths = layers.stream().map(l -> "-" + l.outputs()).collect(Collectors.joining());
    if (recurrence == null) {
      return "mlp " + featureNames.size() + widths;
    }
    String recurrent =
        recurrence.layers().stream().map(l -> "-" + l.units()).collect(Collectors.joining());
    return "%s %d%s%s over %d bars"
        .formatted(
            recurrence.type().wireName(),
            featureNames.size(),
            recurrent,
            widths,
            recurrence.sequenceLength());
  }

  /**
   * Digest of the shapes, weights and biases, in layer order, the length of a sequence first where
   * there is one: equal for equal networks.
   */
  public Sha256 weightsSha256() {
    int shapes = 2 * layers.size();
    if (recurrence != null) {
      shapes += 1 + 2 * recurrence.layers().size();
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(4L * (parameterCount() + shapes)))
            .order(ByteOrder.LITTLE_ENDIAN);
    if (recurrence != null) {
      bytes.putInt(recurrence.sequenceLength());
      for (RecurrentLayer layer : recurrence.layers()) {
        bytes.putInt(layer.inputs()).putInt(layer.units());
        putAll(bytes, layer.inputWeights());
        putAll(bytes, layer.recurrentWeights());
        putAll(bytes, layer.biases());
      }
    }
    for (DenseLayer layer : layers) {
      bytes.putInt(layer.inputs()).putInt(layer.outputs());
      putAll(bytes, layer.weights());
      putAll(bytes, layer.biases());
    }
    return Sha256.of(bytes.array());
  }

  private static void putAll(ByteBuffer bytes, float[] values) {
    for (float value : values) {
      bytes.putFloat(value);
    }
  }

  /** Whether the network predicts a return; else it has a probability for each class. */
  public boolean predictsReturns() {
    return layers.getLast().activation() == Activation.IDENTITY;
  }

  /**
   * What the outputs are the probabilities of, in their order.
   *
   * @throws IllegalStateException when the network predicts returns
   */
  public LabelClasses classes() {
    if (predictsReturns()) {
      throw new IllegalStateException("the network predicts returns, it has no classes");
    }
    return LabelClasses.ofOutputs(outputs());
  }

  /** Numbers the network gives for a row: one per class, or 1 where it predicts returns. */
  public int outputs() {
    return layers.getLast().outputs();
  }

  /** Weights and biases together. */
  public int parameterCount() {
    return (recurrence == null ? 0 : recurrence.parameterCount())
        + layers.stream().mapToInt(l -> l.weights().length + l.biases().length).sum();
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

  private static void checkRecurrence(int version, @Nullable Recurrence recurrence) {
    boolean lstm = recurrence != null && recurrence.type() == RecurrentType.LSTM;
    boolean fits =
        switch (version) {
          case RECURRENT_VERSION -> lstm;
          case CLASSES_VERSION -> lstm || recurrence == null;
          case RECURRENT_TYPES_VERSION -> recurrence != null;
          default -> recurrence == null;
        };
    if (!fits) {
      String found = recurrence == null ? "no recurrent" : recurrence.type().wireName();
      throw new IllegalArgumentException(
          "format version %d does not go with %s layers".formatted(version, found));
    }
  }

  private static void checkScalings(
      int version, List<String> features, List<FeatureScaling> scalings) {
    if (version < SCALINGS_VERSION && !scalings.isEmpty()) {
      throw new IllegalArgumentException("format version %d has no scalings".formatted(version));
    }
    int before = -1;
    for (FeatureScaling scaling : scalings) {
      int at = features.indexOf(scaling.feature());
      if (at <= before) {
        throw new IllegalArgumentException(
            "scaling of '%s', each must be of a feature, once, in their order"
                .formatted(scaling.feature()));
      }
      before = at;
    }
  }

  private static void checkLayers(
      int version,
      List<String> features,
      @Nullable Recurrence recurrence,
      List<DenseLayer> layers) {
    if (layers.isEmpty() || layers.size() > LAYERS_MAX) {
      throw new IllegalArgumentException(
          "%d layers, there must be 1 to %d".formatted(layers.size(), LAYERS_MAX));
    }
    int width = features.size();
    long parameters = 0;
    if (recurrence != null) {
      if (recurrence.inputs() != width) {
        throw new IllegalArgumentException(
            "the sequence takes %d inputs and is given %d".formatted(recurrence.inputs(), width));
      }
      for (int i = 0; i < recurrence.layers().size(); i++) {
        RecurrentLayer layer = recurrence.layers().get(i);
        checkFinite(i, layer.inputWeights(), layer.recurrentWeights(), layer.biases());
      }
      width = recurrence.outputs();
      parameters = recurrence.parameterCount();
    }
    for (int i = 0; i < layers.size(); i++) {
      DenseLayer layer = layers.get(i);
      boolean last = i == layers.size() - 1;
      if (layer.inputs() != width) {
        throw new IllegalArgumentException(
            "layer %d takes %d inputs and is given %d".formatted(i, layer.inputs(), width));
      }
      boolean predictsReturn =
          last
              && layer.activation() == Activation.IDENTITY
              && version >= RETURNS_VERSION
              && version != CLASSES_VERSION;
      if (last != (layer.activation() == Activation.SOFTMAX) && !predictsReturn) {
        throw new IllegalArgumentException("softmax belongs to the last layer, and only there");
      }
      checkFinite(i, layer.weights(), layer.biases());
      width = layer.outputs();
      parameters += layer.weights().length + layer.biases().length;
    }
    checkOutputs(version, layers.getLast());
    if (parameters > PARAMETERS_MAX) {
      throw new IllegalArgumentException(
          "%d parameters, at most %d".formatted(parameters, PARAMETERS_MAX));
    }
  }

  private static void checkOutputs(int version, DenseLayer last) {
    List<String> names = List.of("a return");
    if (last.activation() == Activation.SOFTMAX) {
      boolean either = version > CLASSES_VERSION && last.outputs() > OUTPUTS;
      boolean regimes = either || version == CLASSES_VERSION;
      names = (regimes ? LabelClasses.REGIMES : LabelClasses.SIGNALS).names();
    }
    if (last.outputs() != names.size()) {
      throw new IllegalArgumentException(
          "the network has %d outputs, there must be %d: %s"
              .formatted(last.outputs(), names.size(), String.join(", ", names)));
    }
  }

  private static void checkFinite(int layer, float[]... parameters) {
    for (float[] values : parameters) {
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("layer " + layer + " has a parameter " + value);
        }
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
