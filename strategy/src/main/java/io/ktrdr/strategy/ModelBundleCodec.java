package io.ktrdr.strategy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A model as bytes: one JSON document, weights as base64 of little-endian 32-bit floats, with the
 * digest of the weights. Equal models give equal bytes. Reading trusts nothing: sizes are bounded
 * before anything is allocated, and unknown, missing or contradicting fields are refused.
 */
public final class ModelBundleCodec {

  /** Largest encoded model read. */
  public static final int BYTES_MAX = 16 * 1024 * 1024;

  private static final int UNITS_MAX = 100_000;

  private static final Set<String> FIELDS =
      Set.of(
          "format_version",
          "strategy_name",
          "strategy_yaml",
          "timeframe",
          "timeframes",
          "symbols",
          "train_start",
          "train_end",
          "feature_names",
          "scalings",
          "layers",
          "weights_sha256",
          "engine_version",
          "seed",
          "training");
  private static final Set<String> SCALING_FIELDS =
      Set.of("feature", "normalization", "offset", "divisor");
  private static final Set<String> RECURRENCE_FIELDS = Set.of("sequence_length", "layers");
  private static final Set<String> RECURRENT_FIELDS =
      Set.of("inputs", "units", "input_weights", "recurrent_weights", "biases");
  private static final Set<String> LAYER_FIELDS =
      Set.of("inputs", "outputs", "activation", "weights", "biases");

  private static final ObjectReader READER =
      Json.mapper()
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private ModelBundleCodec() {}

  /** The model's bytes, UTF-8. */
  public static byte[] encode(ModelBundle model) {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("format_version", model.formatVersion());
    json.put("strategy_name", model.strategyName());
    json.put("strategy_yaml", model.strategyYaml());
    json.put("timeframe", model.timeframe().wireName());
    if (model.formatVersion() != ModelBundle.SINGLE_TIMEFRAME_VERSION) {
      putAll(
          json.putArray("timeframes"),
          model.timeframes().stream().map(Timeframe::wireName).toList());
    }
    putAll(json.putArray("symbols"), model.symbols());
    json.put("train_start", model.trainStart().toString());
    json.put("train_end", model.trainEnd().toString());
    putAll(json.putArray("feature_names"), model.featureNames());
    if (model.formatVersion() >= ModelBundle.SCALINGS_VERSION) {
      ArrayNode scalings = json.putArray("scalings");
      model
          .scalings()
          .forEach(scaling -> scalings.add(Json.mapper().<JsonNode>valueToTree(scaling)));
    }
    if (model.formatVersion() >= ModelBundle.CLASSES_VERSION) {
      if (model.predictsReturns()) {
        json.putNull("classes");
      } else {
        putAll(json.putArray("classes"), model.classes().names());
      }
    }
    Recurrence recurrence = model.recurrence();
    if (recurrence != null) {
      put(json.putObject("recurrence"), recurrence, model.formatVersion());
    } else if (model.formatVersion() >= ModelBundle.CLASSES_VERSION) {
      json.putNull("recurrence");
    }
    ArrayNode layers = json.putArray("layers");
    for (DenseLayer layer : model.layers()) {
      layers
          .addObject()
          .put("inputs", layer.inputs())
          .put("outputs", layer.outputs())
          .put("activation", layer.activation().wireName())
          .put("weights", base64(layer.weights()))
          .put("biases", base64(layer.biases()));
    }
    json.put("weights_sha256", model.weightsSha256().hex());
    json.put("engine_version", model.engineVersion());
    json.put("seed", model.seed());
    json.set("training", model.training());
    try {
      return Json.mapper().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always writable", e);
    }
  }

  private static void put(ObjectNode json, Recurrence recurrence, int version) {
    if (version >= ModelBundle.RECURRENT_TYPES_VERSION) {
      json.put("type", recurrence.type().wireName());
    }
    json.put("sequence_length", recurrence.sequenceLength());
    ArrayNode layers = json.putArray("layers");
    for (RecurrentLayer layer : recurrence.layers()) {
      layers
          .addObject()
          .put("inputs", layer.inputs())
          .put("units", layer.units())
          .put("input_weights", base64(layer.inputWeights()))
          .put("recurrent_weights", base64(layer.recurrentWeights()))
          .put("biases", base64(layer.biases()));
    }
  }

  /**
   * The model of {@code bytes}.
   *
   * @throws ModelInvalidException {@code MODEL_TOO_LARGE}, {@code MODEL_VERSION_UNSUPPORTED} or
   *     {@code MODEL_CORRUPT}
   */
  public static ModelBundle decode(byte[] bytes) {
    if (bytes.length > BYTES_MAX) {
      throw new ModelInvalidException(
          "MODEL_TOO_LARGE",
          "the model has %d bytes, at most %d are read".formatted(bytes.length, BYTES_MAX));
    }
    JsonNode json;
    try {
      json = READER.readTree(bytes);
    } catch (IOException e) {
      throw new ModelInvalidException("MODEL_CORRUPT", "not a model: not one JSON document", e);
    }
    try {
      return bundle(json);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new ModelInvalidException("MODEL_CORRUPT", "not a model: " + e.getMessage(), e);
    }
  }

  private static ModelBundle bundle(JsonNode json) {
    // The version first: a newer format may have other fields, and that is not corruption.
    int version = integer(json, "format_version");
    boolean single = version == ModelBundle.SINGLE_TIMEFRAME_VERSION;
    boolean scaled = version >= ModelBundle.SCALINGS_VERSION;
    boolean recurrent =
        version >= ModelBundle.RECURRENT_VERSION
            && !(version == ModelBundle.CLASSES_VERSION && json.path("recurrence").isNull());
    if (version < ModelBundle.SINGLE_TIMEFRAME_VERSION
        || version > ModelBundle.RECURRENT_TYPES_VERSION) {
      throw new ModelInvalidException(
          "MODEL_VERSION_UNSUPPORTED",
          "the model has format version %d, this version of ktrdr reads %d to %d; train it again or upgrade"
              .formatted(
                  version,
                  ModelBundle.SINGLE_TIMEFRAME_VERSION,
                  ModelBundle.RECURRENT_TYPES_VERSION));
    }
    requireFields(json, fields(version));
    Timeframe timeframe = Timeframe.parse(text(json, "timeframe"));
    JsonNode training = json.path("training");
    require(training.isObject(), "training", "an object");
    JsonNode seed = json.path("seed");
    require(seed.isIntegralNumber() && seed.canConvertToLong(), "seed", "a whole number");
    ModelBundle model =
        new ModelBundle(
            version,
            text(json, "strategy_name"),
            text(json, "strategy_yaml"),
            timeframe,
            single
                ? List.of(timeframe)
                : texts(json, "timeframes").stream().map(Timeframe::parse).toList(),
            texts(json, "symbols"),
            LocalDate.parse(text(json, "train_start")),
            LocalDate.parse(text(json, "train_end")),
            texts(json, "feature_names"),
            scaled ? scalings(json.path("scalings")) : List.of(),
            recurrent ? recurrence(json.path("recurrence"), version) : null,
            layers(json.path("layers")),
            text(json, "engine_version"),
            seed.longValue(),
            (ObjectNode) training);
    if (version >= ModelBundle.CLASSES_VERSION) {
      requireClasses(json.path("classes"), model);
    }
    Sha256 stated = Sha256.parse(text(json, "weights_sha256"));
    Sha256 found = model.weightsSha256();
    if (!found.equals(stated)) {
      throw new IllegalArgumentException(
          "weights have SHA-256 %s, the model states %s".formatted(found, stated));
    }
    return model;
  }

  /** Said for readers: what they are follows from the network. */
  private static void requireClasses(JsonNode json, ModelBundle model) {
    JsonNode expected =
        model.predictsReturns()
            ? NullNode.getInstance()
            : Json.mapper().valueToTree(model.classes().names());
    if (!json.equals(expected)) {
      throw new IllegalArgumentException(
          "classes are %s, a network of %d outputs has %s"
              .formatted(json, model.outputs(), expected));
    }
  }

  private static Recurrence recurrence(JsonNode json, int version) {
    Set<String> fields = new HashSet<>(RECURRENCE_FIELDS);
    RecurrentType type = RecurrentType.LSTM;
    if (version >= ModelBundle.RECURRENT_TYPES_VERSION) {
      fields.add("type");
      type = RecurrentType.parse(text(json, "type"));
    }
    requireFields(json, fields);
    JsonNode array = json.path("layers");
    require(
        array.isArray() && array.size() <= Recurrence.LAYERS_MAX,
        "recurrence.layers",
        "an array of at most " + Recurrence.LAYERS_MAX);
    List<RecurrentLayer> layers = new ArrayList<>();
    for (JsonNode layer : array) {
      requireFields(layer, RECURRENT_FIELDS);
      int inputs = integer(layer, "inputs");
      int units = integer(layer, "units");
      require(
          inputs > 0
              && inputs <= UNITS_MAX
              && units > 0
              && units <= UNITS_MAX
              && type.parameters(inputs, units) <= ModelBundle.PARAMETERS_MAX,
          "recurrence.layers.inputs × units",
          "a layer of at most " + ModelBundle.PARAMETERS_MAX + " parameters");
      int columns = type.gates() * units;
      layers.add(
          type.layer(
              inputs,
              units,
              floats(layer, "input_weights", inputs * columns),
              floats(layer, "recurrent_weights", units * columns),
              floats(layer, "biases", RecurrentType.BIASES * units)));
    }
    return new Recurrence(integer(json, "sequence_length"), layers);
  }

  private static Set<String> fields(int version) {
    Set<String> fields = new HashSet<>(FIELDS);
    if (version == ModelBundle.SINGLE_TIMEFRAME_VERSION) {
      fields.remove("timeframes");
    }
    if (version < ModelBundle.SCALINGS_VERSION) {
      fields.remove("scalings");
    }
    if (version >= ModelBundle.RECURRENT_VERSION) {
      fields.add("recurrence");
    }
    if (version >= ModelBundle.CLASSES_VERSION) {
      fields.add("classes");
    }
    return fields;
  }

  private static List<FeatureScaling> scalings(JsonNode json) {
    require(json.isArray(), "scalings", "an array");
    List<FeatureScaling> scalings = new ArrayList<>();
    for (JsonNode scaling : json) {
      requireFields(scaling, SCALING_FIELDS);
      scalings.add(
          new FeatureScaling(
              text(scaling, "feature"),
              Normalization.parse(text(scaling, "normalization")),
              number(scaling, "offset"),
              number(scaling, "divisor")));
    }
    return scalings;
  }

  private static List<DenseLayer> layers(JsonNode json) {
    require(
        json.isArray() && json.size() <= ModelBundle.LAYERS_MAX,
        "layers",
        "an array of at most " + ModelBundle.LAYERS_MAX);
    List<DenseLayer> layers = new ArrayList<>();
    for (JsonNode layer : json) {
      requireFields(layer, LAYER_FIELDS);
      int inputs = integer(layer, "inputs");
      int outputs = integer(layer, "outputs");
      long weights = (long) inputs * outputs;
      require(
          inputs > 0
              && inputs <= UNITS_MAX
              && outputs > 0
              && outputs <= UNITS_MAX
              && weights + outputs <= ModelBundle.PARAMETERS_MAX,
          "layers.inputs × outputs",
          "a layer of at most " + ModelBundle.PARAMETERS_MAX + " parameters");
      layers.add(
          new DenseLayer(
              inputs,
              outputs,
              Activation.parse(text(layer, "activation")),
              floats(layer, "weights", (int) weights),
              floats(layer, "biases", outputs)));
    }
    return layers;
  }

  private static String base64(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static float[] floats(JsonNode json, String field, int count) {
    byte[] bytes = Base64.getDecoder().decode(text(json, field));
    require(bytes.length == count * Float.BYTES, field, count + " floats");
    float[] values = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static void putAll(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static void requireFields(JsonNode json, Set<String> fields) {
    Set<String> found = new TreeSet<>();
    json.fieldNames().forEachRemaining(found::add);
    if (!found.equals(fields)) {
      throw new IllegalArgumentException(
          "fields are %s, expected %s".formatted(found, new TreeSet<>(fields)));
    }
  }

  private static int integer(JsonNode json, String field) {
    JsonNode value = json.path(field);
    require(value.isIntegralNumber() && value.canConvertToInt(), field, "a whole number");
    return value.intValue();
  }

  private static double number(JsonNode json, String field) {
    JsonNode value = json.path(field);
    require(value.isNumber(), field, "a number");
    return value.doubleValue();
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    require(value.isTextual(), field, "a text");
    return value.textValue();
  }

  private static List<String> texts(JsonNode json, String field) {
    JsonNode array = json.path(field);
    require(array.isArray(), field, "an array of texts");
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array) {
      require(element.isTextual(), field, "an array of texts");
      texts.add(element.textValue());
    }
    return texts;
  }

  private static void require(boolean ok, String field, String expected) {
    if (!ok) {
      throw new IllegalArgumentException(field + " is not " + expected);
    }
  }
}
