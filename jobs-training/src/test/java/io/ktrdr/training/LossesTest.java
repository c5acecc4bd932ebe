package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.CostModel;
import io.ktrdr.strategy.LearningRateSchedule;
import io.ktrdr.strategy.LossSettings;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import io.ktrdr.strategy.TrainingSettings.Monitor;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Losses, what is said of predicted returns, and how fast is learnt. */
class LossesTest {

  private static final float[] WEIGHTS = {1.5f, 0.5f, 1};

  @Test
  void gradientsAreTheSlopesOfTheScores() {
    double[][] sums = {{0.3, -0.2, 0.9}, {-1.1, 0.4, 0.2}, {2, 0.1, -0.5}};
    double[][] classes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (double gamma : new double[] {0, 0.5, 1, 2, 5}) {
      assertSlopes(
          RowLoss.focal(new LossSettings.Focal(gamma), WEIGHTS),
          new ActivationSoftmax(),
          sums,
          classes);
    }
    assertSlopes(
        RowLoss.huber(new LossSettings.Huber(0.1)),
        new ActivationIdentity(),
        new double[][] {{0.05}, {0.3}, {-0.4}, {0.02}},
        new double[][] {{0}, {0}, {0.1}, {0.01}});
  }

  @Test
  void focalLossWithoutGammaIsTheCrossEntropyOfTheLibrary() {
    INDArray sums = Nd4j.create(new double[][] {{0.3, -0.2, 0.9}, {-1.1, 0.4, 0.2}});
    INDArray classes = Nd4j.create(new double[][] {{1, 0, 0}, {0, 0, 1}});
    ILossFunction library = new LossMCXENT(Nd4j.createFromArray(WEIGHTS).castTo(sums.dataType()));
    RowLoss own = RowLoss.focal(new LossSettings.Focal(0), WEIGHTS);

    assertThat(own.computeScore(classes, sums, new ActivationSoftmax(), null, true))
        .isCloseTo(
            library.computeScore(classes, sums.dup(), new ActivationSoftmax(), null, true),
            within(1e-6));
  }

  @Test
  void focalLossOfTheEvaluationIsByHand() {
    float[] p = {.5f, .25f, .25f, .25f, .5f, .25f};

    Evaluation e = Evaluation.of(p, new byte[] {0, 0}, new float[] {2, 1, 1}, 2);

    assertThat(e.loss())
        .isCloseTo((2 * .25 * Math.log(2) + 2 * .5625 * Math.log(4)) / 2, within(1e-12));
  }

  @Test
  void figuresOfPredictedReturnsAreByHand() {
    float[] predicted = {0.5f, -0.25f, 0, 0.125f, -0.5f};
    double[] actual = {0.25, -0.25, 0, -0.125, 0.25};
    // Errors 0.25, 0, 0, 0.25, -0.75.
    ReturnEvaluation e = ReturnEvaluation.of(predicted, actual, 0.5, true);

    assertThat(e.directionalAccuracy()).isEqualTo(3 / 5.0);
    assertThat(e.majorityBaseline()).isEqualTo(2 / 5.0);
    assertThat(e.meanAbsoluteError()).isEqualTo(1.25 / 5);
    assertThat(e.rootMeanSquaredError())
        .isCloseTo(Math.sqrt((0.0625 * 2 + 0.5625) / 5), within(1e-15));
    assertThat(e.huberLoss())
        .isCloseTo((2 * 0.5 * 0.0625 + 0.5 * (0.75 - 0.25)) / 5, within(1e-15))
        .isEqualTo(e.loss());
    assertThat(e.zeroMeanAbsoluteError()).isEqualTo(0.875 / 5);
    assertThat(e.signals(new CostModel(0.1, 2.5))).containsExactly(1, 3, 1);
    assertThat(e.collapsed()).isFalse();
    assertThat(ReturnEvaluation.of(predicted, actual, 0.5, false).loss())
        .isCloseTo((0.0625 * 2 + 0.5625) / 5, within(1e-15));
  }

  @Test
  void everyLossLearns() {
    Samples samples = NetworkTest.samples(300);
    float[] returns = new float[samples.rows()];
    for (int row = 0; row < returns.length; row++) {
      returns[row] = 0.01f * (1 - samples.classes()[row]);
    }
    for (LossSettings loss :
        List.of(
            new LossSettings.Focal(2),
            new LossSettings.Huber(0.005),
            new LossSettings.SquaredError())) {
      try (Network network =
          new Network(
              samples.columns(),
              new ModelSpec.Mlp(List.of(16), Activation.TANH, 0),
              NetworkTest.settings(0.01, Optimizer.ADAM, loss),
              new float[] {1, 1, 1},
              7)) {
        double first = 0;
        double last = 0;
        for (int i = 0; i < 60; i++) {
          last =
              loss.ofReturns()
                  ? network.learn(samples.features(), returns)
                  : network.learn(samples.features(), samples.classes());
          first = i == 0 ? last : first;
        }
        assertThat(last).as("%s", loss).isLessThan(0.8 * first);
        assertThat(network.layers().getLast().outputs()).isEqualTo(loss.ofReturns() ? 1 : 3);
      }
    }
  }

  @Test
  void aSmallerLearningRateMakesSmallerSteps() {
    Samples samples = NetworkTest.samples(64);
    float[] quick = stepAt(samples, 0.1);
    float[] slow = stepAt(samples, 0.01);
    for (int i = 0; i < quick.length; i++) {
      assertThat(quick[i]).isCloseTo(10 * slow[i], within(1e-5f));
    }
  }

  /** How the first layer's weights move in one step of plain gradient descent. */
  private static float[] stepAt(Samples samples, double rate) {
    try (Network network =
        new Network(
            samples.columns(),
            new ModelSpec.Mlp(List.of(8), Activation.TANH, 0),
            NetworkTest.settings(0.5, Optimizer.SGD),
            new float[] {1, 1, 1},
            7)) {
      float[] before = network.layers().getFirst().weights();
      network.learnAt(rate);
      network.learn(samples.features(), samples.classes());
      float[] step = network.layers().getFirst().weights();
      for (int i = 0; i < step.length; i++) {
        step[i] -= before[i];
      }
      return step;
    }
  }

  @Test
  void schedulesFollowTheirFormulas() {
    LearningRates step = new LearningRates(0.8, new LearningRateSchedule.Step(2, 0.5));
    assertThat(new double[] {step.of(1), step.of(2), step.of(3), step.of(5)})
        .containsExactly(0.8, 0.8, 0.4, 0.2);
    LearningRates exponential = new LearningRates(0.8, new LearningRateSchedule.Exponential(0.5));
    assertThat(new double[] {exponential.of(1), exponential.of(2), exponential.of(4)})
        .containsExactly(0.8, 0.4, 0.1);
  }

  @Test
  void onAPlateauTheRateFallsAfterMoreThanThePatience() {
    LearningRates rates = new LearningRates(1, new LearningRateSchedule.ReduceOnPlateau(0.5, 1));
    // The second is no better: not by a ten-thousandth.
    double[] losses = {1, 0.99995, 1, 0.9, 0.9, 0.9, 0.9, 0.9};
    double[] expected = {1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125};
    for (int i = 0; i < losses.length; i++) {
      rates.finished(losses[i]);
      assertThat(rates.of(i + 2)).as("after %d", i + 1).isEqualTo(expected[i]);
    }
  }

  @Test
  void patienceWatchesWhatItIsTold() {
    Patience loss = new Patience(new EarlyStopping(2, 0, Monitor.VAL_LOSS));
    Patience accuracy = new Patience(new EarlyStopping(2, 0, Monitor.VAL_ACCURACY));
    boolean[] lossOver = new boolean[3];
    boolean[] accuracyOver = new boolean[3];
    for (int i = 0; i < 3; i++) {
      // The loss falls, the accuracy stays.
      Evaluation e = new Evaluation(2, 3 - i, new int[][] {{1, 0, 0}, {1, 0, 0}, {0, 0, 0}});
      lossOver[i] = loss.isOver(e);
      accuracyOver[i] = accuracy.isOver(e);
    }
    assertThat(lossOver).containsExactly(false, false, false);
    assertThat(accuracyOver).containsExactly(false, false, true);
    assertThat(new Patience(null).isOver(new Evaluation(1, 9, new int[3][3]))).isFalse();
  }

  private static void assertSlopes(
      ILossFunction loss, IActivation activation, double[][] sums, double[][] wanted) {
    INDArray labels = Nd4j.create(wanted);
    double[][] gradient =
        loss.computeGradient(labels, Nd4j.create(sums), activation, null).toDoubleMatrix();
    double step = 1e-4;
    for (int r = 0; r < sums.length; r++) {
      for (int o = 0; o < sums[r].length; o++) {
        double kept = sums[r][o];
        sums[r][o] = kept + step;
        double above = loss.computeScore(labels, Nd4j.create(sums), activation, null, false);
        sums[r][o] = kept - step;
        double below = loss.computeScore(labels, Nd4j.create(sums), activation, null, false);
        sums[r][o] = kept;
        assertThat(gradient[r][o])
            .as("%s row %d sum %d", loss, r, o)
            .isCloseTo((above - below) / (2 * step), within(1e-4));
      }
    }
  }
}
