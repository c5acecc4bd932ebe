package io.ktrdr.training;

import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.LossSettings;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.Recurrence;
import io.ktrdr.strategy.RecurrentLayer;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.strategy.TrainingSettings;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/**
 * A network that can learn. Only it, {@link RowLoss} and the classes named Gru touch DL4J and ND4J.
 *
 * <p>Dense or recurrent layers as the strategy says, then softmax over the classes of the labels
 * with class weights in the loss, or one output as it is for a return. The seed decides initial
 * weights and dropout; dropout draws from a generator shared by the whole JVM, so only one network
 * may learn at a time. Not thread-safe.
 */
final class Network implements AutoCloseable {

  private final MultiLayerNetwork net;
  private final List<Activation> activations;
  private final int inputs;
  private final int outputs;

  /** Bars of a row. */
  private final int sequence;

  /** Layers that read sequences; they come first. */
  private final int recurrent;

  /** What these are; not looked at without any. */
  private final RecurrentType type;

  /**
   * @param inputs number of features
   * @param classWeights one per class in the loss; not looked at for returns
   */
  Network(int inputs, ModelSpec model, TrainingSettings settings, float[] classWeights, long seed) {
    this.inputs = inputs;
    this.sequence = model.sequenceLength();
    this.outputs = settings.outputs();
    Activation last = settings.loss().ofReturns() ? Activation.IDENTITY : Activation.SOFTMAX;
    this.activations = new ArrayList<>();
    Nd4j.getRandom().setSeed(seed);
    NeuralNetConfiguration.ListBuilder layers = base(settings, seed).list();
    InputType input =
        switch (model) {
          case ModelSpec.Mlp mlp -> {
            addHidden(layers, mlp);
            yield InputType.feedForward(inputs);
          }
          case ModelSpec.Recurrent shape -> {
            addRecurrent(layers, shape);
            yield InputType.recurrent(inputs, sequence);
          }
        };
    this.recurrent = model instanceof ModelSpec.Recurrent shape ? shape.numLayers() : 0;
    this.type = model instanceof ModelSpec.Recurrent shape ? shape.type() : RecurrentType.LSTM;
    OutputLayer.Builder output =
        new OutputLayer.Builder(loss(settings.loss(), classWeights))
            .nOut(outputs)
            .activation(dl4j(last))
            .weightInit(WeightInit.XAVIER);
    dropInputs(output, model);
    activations.add(last);
    MultiLayerConfiguration configuration =
        layers.layer(output.build()).setInputType(input).build();
    this.net = new MultiLayerNetwork(configuration);
    net.init();
  }

  private void addHidden(NeuralNetConfiguration.ListBuilder layers, ModelSpec.Mlp model) {
    for (int units : model.hiddenLayers()) {
      org.deeplearning4j.nn.conf.layers.DenseLayer.Builder hidden =
          new org.deeplearning4j.nn.conf.layers.DenseLayer.Builder()
              .nOut(units)
              .activation(dl4j(model.activation()))
              .weightInit(initialWeights(model.activation()));
      if (!activations.isEmpty()) {
        dropInputs(hidden, model);
      }
      layers.layer(hidden.build());
      activations.add(model.activation());
    }
  }

  /** The last of them hands on only what it says at the newest bar. */
  private static void addRecurrent(
      NeuralNetConfiguration.ListBuilder layers, ModelSpec.Recurrent model) {
    for (int i = 0; i < model.numLayers(); i++) {
      BaseRecurrentLayer.Builder<?> hidden =
          switch (model.type()) {
            case LSTM ->
                new LSTM.Builder()
                    .activation(dl4j(Activation.TANH))
                    .gateActivationFunction(dl4j(Activation.SIGMOID));
            case GRU -> new GruConf.Builder();
          };
      hidden.nOut(model.hiddenSize());
      hidden.weightInit(WeightInit.XAVIER);
      if (i > 0) {
        dropInputs(hidden, model);
      }
      Layer built = hidden.build();
      layers.layer(i < model.numLayers() - 1 ? built : new LastTimeStep(built));
    }
  }

  /** DL4J drops a layer's inputs, the strategy speaks of a hidden layer's outputs. */
  private static void dropInputs(Layer.Builder<?> layer, ModelSpec model) {
    if (model.dropout() > 0) {
      layer.dropOut(1 - model.dropout());
    }
  }

  private static NeuralNetConfiguration.Builder base(TrainingSettings settings, long seed) {
    NeuralNetConfiguration.Builder base =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(DataType.FLOAT)
            .updater(updater(settings));
    if (settings.weightDecay() > 0) {
      base.l2(settings.weightDecay());
    }
    if (settings.gradientClip() > 0) {
      base.gradientNormalization(GradientNormalization.ClipL2PerLayer)
          .gradientNormalizationThreshold(settings.gradientClip());
    }
    return base;
  }

  /**
   * One step of learning.
   *
   * @param features rows × bars of a row × inputs, row-major
   * @param classes one per row
   * @return the batch's loss, weight penalty included; not finite when learning went wrong
   */
  double learn(float[] features, byte[] classes) {
    int rows = classes.length;
    float[] wanted = new float[rows * outputs];
    for (int row = 0; row < rows; row++) {
      wanted[row * outputs + classes[row]] = 1;
    }
    return learn(features, wanted);
  }

  /**
   * One step of learning.
   *
   * @param features rows × inputs, row-major
   * @param wanted rows × outputs, row-major: a return per row, or 1 for its class and 0 for others
   * @return the batch's loss, weight penalty included; not finite when learning went wrong
   */
  double learn(float[] features, float[] wanted) {
    int rows = wanted.length / outputs;
    try (INDArray x = shaped(features, rows);
        INDArray y = Nd4j.createFromArray(wanted).reshape(rows, outputs)) {
      net.fit(x, y);
      return net.score();
    }
  }

  /** Numbers of an answer. */
  int outputs() {
    return outputs;
  }

  /** From the next step on. What the optimizer remembers stays. */
  void learnAt(double learningRate) {
    net.setLearningRate(learningRate);
  }

  /** The answers to every row, rows × outputs, without dropout. */
  float[] outputs(Samples samples) {
    return outputs(samples, 0, samples.rows());
  }

  /** Of the rows from {@code from} up to but without {@code to}. */
  float[] outputs(Samples samples, int from, int to) {
    float[] features = new float[(to - from) * samples.width()];
    for (int row = from; row < to; row++) {
      samples.copyRow(row, features, row - from);
    }
    try (INDArray x = shaped(features, to - from);
        INDArray out = net.output(x, false)) {
      return out.dup('c').data().asFloat();
    }
  }

  /** Rows as DL4J takes them: of sequences it wants the features first, then the bars. */
  private INDArray shaped(float[] features, int rows) {
    INDArray flat = Nd4j.createFromArray(features);
    if (recurrent == 0) {
      return flat.reshape(rows, inputs);
    }
    try (flat) {
      return flat.reshape(rows, sequence, inputs).permute(0, 2, 1).dup('f');
    }
  }

  /** The weights of the layers that read sequences, as they are now, copied; null without. */
  @Nullable Recurrence recurrence() {
    if (recurrent == 0) {
      return null;
    }
    List<RecurrentLayer> layers = new ArrayList<>();
    for (int i = 0; i < recurrent; i++) {
      INDArray recurrentWeights = parameter(i, LSTMParamInitializer.RECURRENT_WEIGHT_KEY);
      INDArray weights = parameter(i, LSTMParamInitializer.INPUT_WEIGHT_KEY);
      // Of an lstm DL4J's columns are block input, forget gate, output gate, input modulation gate:
      // ours. Those of a gru are ours anyway.
      layers.add(
          type.layer(
              (int) weights.size(0),
              (int) recurrentWeights.size(0),
              copied(weights),
              copied(recurrentWeights),
              copied(parameter(i, LSTMParamInitializer.BIAS_KEY))));
    }
    return new Recurrence(sequence, layers);
  }

  /** The weights of the dense layers, as they are now, copied. */
  List<DenseLayer> layers() {
    List<DenseLayer> layers = new ArrayList<>();
    for (int i = 0; i < activations.size(); i++) {
      INDArray weights = parameter(recurrent + i, "W");
      layers.add(
          new DenseLayer(
              (int) weights.size(0),
              (int) weights.size(1),
              activations.get(i),
              copied(weights),
              copied(parameter(recurrent + i, "b"))));
    }
    return layers;
  }

  private INDArray parameter(int layer, String key) {
    return net.getLayer(layer).getParam(key);
  }

  private static float[] copied(INDArray values) {
    return values.dup('c').data().asFloat();
  }

  @Override
  public void close() {
    net.close();
  }

  private static ILossFunction loss(LossSettings loss, float[] classWeights) {
    return switch (loss) {
      case LossSettings.Focal focal ->
          focal.gamma() == 0
              ? new LossMCXENT(Nd4j.createFromArray(classWeights))
              : RowLoss.focal(focal, classWeights);
      case LossSettings.Huber huber -> RowLoss.huber(huber);
      case LossSettings.SquaredError _ -> new LossMSE();
    };
  }

  private static IUpdater updater(TrainingSettings settings) {
    return switch (settings.optimizer()) {
      case ADAM -> new Adam(settings.learningRate());
      case SGD -> new Sgd(settings.learningRate());
      case RMSPROP -> new RmsProp(settings.learningRate());
    };
  }

  private static WeightInit initialWeights(Activation activation) {
    return switch (activation) {
      case RELU, LEAKY_RELU -> WeightInit.RELU;
      case TANH, SIGMOID, SOFTMAX, IDENTITY -> WeightInit.XAVIER;
    };
  }

  private static org.nd4j.linalg.activations.Activation dl4j(Activation activation) {
    return switch (activation) {
      case RELU -> org.nd4j.linalg.activations.Activation.RELU;
      case TANH -> org.nd4j.linalg.activations.Activation.TANH;
      case SIGMOID -> org.nd4j.linalg.activations.Activation.SIGMOID;
      case LEAKY_RELU -> org.nd4j.linalg.activations.Activation.LEAKYRELU;
      case SOFTMAX -> org.nd4j.linalg.activations.Activation.SOFTMAX;
      case IDENTITY -> org.nd4j.linalg.activations.Activation.IDENTITY;
    };
  }
}
