package io.ktrdr.training;

import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What DL4J is told of a layer of gated recurrent units, which it does not have: {@link GruNet}.
 */
final class GruConf extends BaseRecurrentLayer {

  private static final long serialVersionUID = 1;

  private GruConf(Builder builder) {
    super(builder);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    GruNet net = new GruNet(conf, type);
    net.setListeners(listeners);
    net.setIndex(index);
    net.setParamsViewArray(parameters);
    Map<String, INDArray> table = initializer().init(conf, parameters, initialize);
    net.setParamTable(table);
    net.setConf(conf);
    return net;
  }

  @Override
  public ParamInitializer initializer() {
    return new GruParameters();
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType input) {
    throw new UnsupportedOperationException("nobody asks for a report on memory here");
  }

  static final class Builder extends BaseRecurrentLayer.Builder<Builder> {

    // Its signature is DL4J's.
    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <E extends org.deeplearning4j.nn.conf.layers.Layer> E build() {
      return (E) new GruConf(this);
    }
  }
}
