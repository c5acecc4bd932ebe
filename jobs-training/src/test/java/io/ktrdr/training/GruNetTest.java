package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

class GruNetTest {

  private static final int INPUTS = 3;
  private static final int BARS = 5;
  private static final int ROWS = 4;
  private static final double STEP = 1e-6;

  /** Of two layers, so that what the upper one hands down is held against the scores, too. */
  @Test
  void theGradientIsTheSlopeOfTheScore() {
    Nd4j.getRandom().setSeed(11);
    MultiLayerNetwork net = network();
    try (INDArray x = Nd4j.randn(DataType.DOUBLE, ROWS, INPUTS, BARS).dup('f');
        INDArray y = Nd4j.create(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}})) {
      INDArray parameters = net.params();
      // Biases, which are 0 at first, have to count.
      parameters.assign(Nd4j.randn(DataType.DOUBLE, parameters.shape()).muli(0.7));
      net.setInput(x);
      net.setLabels(y);
      net.computeGradientAndScore();
      double[] slopes = net.gradient().gradient().dup().data().asDouble();

      assertThat(slopes).hasSize((int) parameters.length());
      for (int i = 0; i < slopes.length; i++) {
        double value = parameters.getDouble(i);
        double slope = (score(net, i, value + STEP) - score(net, i, value - STEP)) / (2 * STEP);
        parameters.putScalar(i, value);
        // The score is the mean of the rows; the sum of their slopes is divided when it is applied.
        assertThat(slopes[i] / ROWS)
            .as("parameter %d", i)
            .isEqualTo(slope, within(1e-7 + 1e-6 * Math.abs(slope)));
      }
    } finally {
      net.close();
    }
  }

  private static double score(MultiLayerNetwork net, int parameter, double value) {
    net.params().putScalar(parameter, value);
    net.computeGradientAndScore();
    return net.score();
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .weightInit(WeightInit.XAVIER)
                .list()
                .layer(layer(4))
                .layer(new LastTimeStep(layer(3)))
                .layer(
                    new OutputLayer.Builder(new LossMCXENT())
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(INPUTS, BARS))
                .build());
    net.init();
    return net;
  }

  private static GruConf layer(int units) {
    GruConf.Builder layer = new GruConf.Builder();
    layer.nOut(units);
    return layer.build();
  }
}
