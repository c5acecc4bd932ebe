package io.ktrdr.strategy;

import java.util.List;

/** Reads {@code model}. What the shape of one type has is refused for another. */
final class ModelSection {

  private static final int UNITS_MAX = 1024;
  private static final int HIDDEN_LAYERS_MAX = 8;
  private static final int HIDDEN_SIZE_MAX = 256;

  private static final double DROPOUT = 0.2;

  private static final List<String> TYPES = List.of("mlp", "lstm", "gru");
  private static final List<String> MLP_ONLY = List.of("hidden_layers", "activation");
  private static final List<String> RECURRENT_ONLY =
      List.of("hidden_size", "num_layers", "sequence_length");

  private final YamlMap model;
  private final YamlMap shape;
  private final boolean regression;

  /**
   * @param regression whether the network is to predict returns
   */
  ModelSection(YamlMap model, boolean regression) {
    this.model = model;
    this.regression = regression;
    this.shape = model.mapOrAbsent("architecture");
  }

  ModelSpec read() {
    String type = model.word("type", "mlp", TYPES);
    ModelSpec spec = type.equals("mlp") ? readMlp() : readRecurrent(RecurrentType.parse(type));
    shape.finish("KEY_UNKNOWN");
    model.ignore(StrategyParser.INFORMATIONAL, "features");
    model.accept("training");
    model.finish("KEY_UNKNOWN");
    return spec;
  }

  private ModelSpec readMlp() {
    refuse(
        RECURRENT_ONLY, "belongs to type: lstm or gru; an mlp has hidden_layers and sees one bar");
    List<Integer> layers = shape.wholes("hidden_layers", 1, UNITS_MAX);
    if (layers == null) {
      layers = List.of(64, 32);
    }
    if (shape.has("hidden_layers") && (layers.isEmpty() || layers.size() > HIDDEN_LAYERS_MAX)) {
      shape.problem(
          "hidden_layers", "PARAM_RANGE", "must have 1 to %d layers".formatted(HIDDEN_LAYERS_MAX));
    }
    String activation =
        shape.word("activation", "relu", List.of("relu", "tanh", "sigmoid", "leaky_relu"));
    return new ModelSpec.Mlp(layers, Activation.parse(activation), readCommon());
  }

  private ModelSpec readRecurrent(RecurrentType type) {
    refuse(
        MLP_ONLY,
        "belongs to type: mlp; layers of type: %s have hidden_size and num_layers, and their gates' own functions"
            .formatted(type.wireName()));
    return new ModelSpec.Recurrent(
        type,
        shape.whole("hidden_size", 64, 1, HIDDEN_SIZE_MAX),
        shape.whole("num_layers", 2, 1, Recurrence.LAYERS_MAX),
        shape.whole("sequence_length", 20, 2, Recurrence.SEQUENCE_MAX),
        readCommon());
  }

  private double readCommon() {
    String output = regression ? "linear" : "softmax";
    shape.word("output_activation", output, List.of(output));
    return shape.real("dropout", DROPOUT, Interval.below(0, 1));
  }

  private void refuse(List<String> keys, String why) {
    for (String key : keys) {
      if (shape.has(key)) {
        shape.problem(key, "KEY_UNKNOWN", "'%s' %s".formatted(key, why));
      }
    }
  }
}
