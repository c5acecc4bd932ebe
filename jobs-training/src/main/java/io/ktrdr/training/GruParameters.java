package io.ktrdr.training;

import io.ktrdr.strategy.GruLayer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where the weights of a {@link GruConf} lie in DL4J's one array for all, and what they are at
 * first: weights by the layer's rule, biases 0. Columns and biases are in the order of {@link
 * GruLayer}.
 */
final class GruParameters implements ParamInitializer {

  /** Called as those of an LSTM are. */
  static final String INPUT_WEIGHTS = LSTMParamInitializer.INPUT_WEIGHT_KEY;

  static final String RECURRENT_WEIGHTS = LSTMParamInitializer.RECURRENT_WEIGHT_KEY;
  static final String BIASES = LSTMParamInitializer.BIAS_KEY;

  private static final List<String> KEYS = List.of(INPUT_WEIGHTS, RECURRENT_WEIGHTS, BIASES);

  /** Columns of the biases, by unit: of the gates, and the one the reset gate is applied to. */
  private static final int BIAS_COLUMNS = GruLayer.GATES + 1;

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    GruConf gru = (GruConf) layer;
    long units = gru.getNOut();
    return units * (GruLayer.GATES * (gru.getNIn() + units) + BIAS_COLUMNS);
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return KEYS;
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return List.of(INPUT_WEIGHTS, RECURRENT_WEIGHTS);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of(BIASES);
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return weightKeys(layer).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return BIASES.equals(key);
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray parameters, boolean initialize) {
    GruConf gru = (GruConf) conf.getLayer();
    Map<String, INDArray> views = new LinkedHashMap<>();
    pieces(gru, parameters)
        .forEach((key, piece) -> {
          long[] shape = shape(gru, key);
          if (initialize && isWeightParam(gru, key)) {
            // One gate's matrix decides how large they are, not the three together.
            gru.getWeightInitFn()
                .init((double) shape[0], (double) gru.getNOut(), shape, 'f', piece);
          } else if (initialize) {
            piece.assign(0);
          }
          views.put(key, piece.reshape('f', shape));
          conf.addVariable(key);
        });
    return views;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradients) {
    GruConf gru = (GruConf) conf.getLayer();
    Map<String, INDArray> views = new LinkedHashMap<>();
    pieces(gru, gradients)
        .forEach((key, piece) -> views.put(key, piece.reshape('f', shape(gru, key))));
    return views;
  }

  private static Map<String, INDArray> pieces(GruConf gru, INDArray all) {
    INDArray flat = all.reshape(all.length());
    Map<String, INDArray> pieces = new LinkedHashMap<>();
    long from = 0;
    for (String key : KEYS) {
      long[] shape = shape(gru, key);
      long to = from + shape[0] * shape[1];
      pieces.put(key, flat.get(NDArrayIndex.interval(from, to)));
      from = to;
    }
    return pieces;
  }

  private static long[] shape(GruConf gru, String key) {
    long columns = GruLayer.GATES * gru.getNOut();
    return switch (key) {
      case INPUT_WEIGHTS -> new long[] {gru.getNIn(), columns};
      case RECURRENT_WEIGHTS -> new long[] {gru.getNOut(), columns};
      default -> new long[] {1, BIAS_COLUMNS * gru.getNOut()};
    };
  }
}
