package io.ktrdr.training;

import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.TrainingSettings;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * A multi-layer perceptron that can learn: the only class that touches DL4J and ND4J.
 *
 * <p>Hidden layers as the strategy says, softmax over BUY, HOLD, SELL, cross-entropy with class
 * weights. The seed decides initial weights and dropout; dropout draws from a generator shared by
 * the whole JVM, so only one network may learn at a time. Not thread-safe.
 */
final class Network implements AutoCloseable {

  private final MultiLayerNetwork net;
  private final List<Activation> activations;
  private final int inputs;

  /**
   * @param inputs number of features
   * @param classWeights of BUY, HOLD, SELL in the loss
   */
  Network(int inputs, ModelSpec model, TrainingSettings settings, float[] classWeights, long seed) {
    this.inputs = inputs;
    this.activations = new ArrayList<>();
    Nd4j.getRandom().setSeed(seed);
    NeuralNetConfiguration.ListBuilder layers = base(settings, seed).list();
    double retain = 1;
    for (int units : model.hiddenLayers()) {
      org.deeplearning4j.nn.conf.layers.DenseLayer.Builder hidden =
          new org.deeplearning4j.nn.conf.layers.DenseLayer.Builder()
              .nOut(units)
              .activation(dl4j(model.activation()))
              .weightInit(initialWeights(model.activation()));
      if (retain < 1) {
        hidden.dropOut(retain);
      }
      layers.layer(hidden.build());
      activations.add(model.activation());
      // DL4J drops a layer's inputs, the strategy speaks of a hidden layer's outputs.
      retain = 1 - model.dropout();
    }
    OutputLayer.Builder output =
        new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(classWeights)))
            .nOut(ModelBundle.OUTPUTS)
            .activation(dl4j(Activation.SOFTMAX))
            .weightInit(WeightInit.XAVIER);
    if (retain < 1) {
      output.dropOut(retain);
    }
    activations.add(Activation.SOFTMAX);
    MultiLayerConfiguration configuration =
        layers
            .layer(output.build())
            .setInputType(org.deeplearning4j.nn.conf.inputs.InputType.feedForward(inputs))
            .build();
    this.net = new MultiLayerNetwork(configuration);
    net.init();
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
   * @param features rows × inputs, row-major
   * @param classes one per row
   * @return the batch's loss, weight penalty included; not finite when learning went wrong
   */
  double learn(float[] features, byte[] classes) {
    int rows = classes.length;
    float[] wanted = new float[rows * ModelBundle.OUTPUTS];
    for (int row = 0; row < rows; row++) {
      wanted[row * ModelBundle.OUTPUTS + classes[row]] = 1;
    }
    try (INDArray x = Nd4j.createFromArray(features).reshape(rows, inputs);
        INDArray y = Nd4j.createFromArray(wanted).reshape(rows, ModelBundle.OUTPUTS)) {
      net.fit(x, y);
      return net.score();
    }
  }

  /** Probabilities of every row, rows × 3, without dropout. */
  float[] probabilities(Samples samples) {
    try (INDArray x = Nd4j.createFromArray(samples.features()).reshape(samples.rows(), inputs);
        INDArray out = net.output(x, false)) {
      return out.dup('c').data().asFloat();
    }
  }

  /** The weights as they are now, copied. */
  List<DenseLayer> layers() {
    List<DenseLayer> layers = new ArrayList<>();
    for (int i = 0; i < activations.size(); i++) {
      INDArray weights = net.getLayer(i).getParam("W");
      INDArray biases = net.getLayer(i).getParam("b");
      layers.add(
          new DenseLayer(
              (int) weights.size(0),
              (int) weights.size(1),
              activations.get(i),
              weights.dup('c').data().asFloat(),
              biases.dup('c').data().asFloat()));
    }
    return layers;
  }

  @Override
  public void close() {
    net.close();
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
