package io.ktrdr.training;

import static java.util.Objects.requireNonNull;

import io.ktrdr.strategy.GruLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.recurrent.BaseRecurrentLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Learns what a {@link GruLayer} computes. ND4J has an operation for it, whose gradient is not that
 * of what it computes, so both ways are here, step by step: forward, and back from the newest bar.
 * Takes and gives sequences × features × bars, as DL4J's recurrent layers do.
 */
final class GruNet extends BaseRecurrentLayer<GruConf> {

  private static final long serialVersionUID = 1;

  GruNet(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /**
   * What a pass through the sequences came to.
   *
   * @param said rows × units × bars
   * @param gates by bar, rows × gates: reset, update, candidate
   * @param fromBefore by bar, rows × units: what the reset gate was applied to
   */
  // Never compared, so that arrays lack value equality costs nothing.
  @SuppressWarnings("ArrayRecordComponent")
  private record Pass(INDArray said, INDArray[] gates, INDArray[] fromBefore) {}

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr memory) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, memory);
    return forward(ArrayType.FF_WORKING_MEM, memory).said;
  }

  private Pass forward(ArrayType kept, LayerWorkspaceMgr memory) {
    int steps = (int) input.size(2);
    long rows = input.size(0);
    long units = layerConf().getNOut();
    INDArray weights = getParam(GruParameters.INPUT_WEIGHTS);
    INDArray recurrent = getParam(GruParameters.RECURRENT_WEIGHTS);
    INDArray biases = getParam(GruParameters.BIASES);
    INDArray gateBiases = columns(biases, 0, GruLayer.GATES * units);
    INDArray resetBias = columns(biases, GruLayer.GATES * units, biases.size(1));
    // Activations of all layers are kept until the way back; a second pass is not looked at again.
    ArrayType output = kept == ArrayType.FF_WORKING_MEM ? ArrayType.ACTIVATIONS : kept;
    INDArray said =
        memory.createUninitialized(output, dataType, new long[] {rows, units, steps}, 'f');
    INDArray[] gates = new INDArray[steps];
    INDArray[] fromBefore = new INDArray[steps];
    INDArray before = zeros(kept, memory, rows, units);
    INDArray product = zeros(kept, memory, rows, GruLayer.GATES * units);
    INDArray scratch = zeros(kept, memory, rows, units);
    for (int t = 0; t < steps; t++) {
      INDArray z = zeros(kept, memory, rows, GruLayer.GATES * units);
      INDArray s = zeros(kept, memory, rows, units);
      Nd4j.gemm(step(input, t), weights, z, false, false, 1, 0);
      z.addiRowVector(gateBiases);
      INDArray resetAndUpdate = columns(z, 0, 2 * units);
      INDArray candidate = columns(z, 2 * units, 3 * units);
      if (t > 0) {
        Nd4j.gemm(before, recurrent, product, false, false, 1, 0);
        resetAndUpdate.addi(columns(product, 0, 2 * units));
        s.assign(columns(product, 2 * units, 3 * units));
      }
      s.addiRowVector(resetBias);
      Transforms.sigmoid(resetAndUpdate, false);
      candidate.addi(columns(z, 0, units).muli(s, scratch));
      Transforms.tanh(candidate, false);
      // u · h + (1 - u) · n
      before.subi(candidate, scratch);
      scratch.muli(columns(z, units, 2 * units));
      INDArray now = step(said, t);
      candidate.addi(scratch, now);
      before = now;
      gates[t] = z;
      fromBefore[t] = s;
    }
    return new Pass(said, gates, fromBefore);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray slopes, LayerWorkspaceMgr memory) {
    assertInputSet(true);
    ArrayType kept = ArrayType.BP_WORKING_MEM;
    Pass pass = forward(kept, memory);
    long rows = input.size(0);
    long units = layerConf().getNOut();
    INDArray weights = getParam(GruParameters.INPUT_WEIGHTS);
    INDArray recurrent = getParam(GruParameters.RECURRENT_WEIGHTS);
    INDArray ofWeights = gradientOf(GruParameters.INPUT_WEIGHTS);
    INDArray ofRecurrent = gradientOf(GruParameters.RECURRENT_WEIGHTS);
    INDArray ofBiases = gradientOf(GruParameters.BIASES);
    gradientsFlattened.assign(0);
    INDArray ofInput =
        memory.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'f');

    INDArray nothing = zeros(kept, memory, rows, units);
    INDArray scratch = zeros(kept, memory, rows, units);
    // Of what is said at a bar, from that bar on.
    INDArray ofSaid = zeros(kept, memory, rows, units);
    INDArray ofSums = zeros(kept, memory, rows, GruLayer.GATES * units);
    for (int t = pass.gates.length - 1; t >= 0; t--) {
      INDArray before = t == 0 ? nothing : step(pass.said, t - 1);
      ofSaid.addi(step(slopes, t));
      slopesOfSums(pass, t, before, ofSaid, ofSums, scratch);
      INDArray x = step(input, t);
      Nd4j.gemm(x, ofSums, ofWeights, true, false, 1, 1);
      columns(ofBiases, 0, GruLayer.GATES * units).addi(ofSums.sum(true, 0));
      Nd4j.gemm(ofSums, weights, step(ofInput, t), false, true, 1, 0);

      INDArray ofCandidate = columns(ofSums, 2 * units, 3 * units);
      ofCandidate.muli(columns(pass.gates[t], 0, units));
      Nd4j.gemm(before, ofSums, ofRecurrent, true, false, 1, 1);
      columns(ofBiases, GruLayer.GATES * units, ofBiases.size(1)).addi(ofCandidate.sum(true, 0));
      ofSaid.muli(columns(pass.gates[t], units, 2 * units));
      Nd4j.gemm(ofSums, recurrent, ofSaid, false, true, 1, 1);
    }
    Gradient gradient = new DefaultGradient(gradientsFlattened);
    gradient.gradientForVariable().put(GruParameters.INPUT_WEIGHTS, ofWeights);
    gradient.gradientForVariable().put(GruParameters.RECURRENT_WEIGHTS, ofRecurrent);
    gradient.gradientForVariable().put(GruParameters.BIASES, ofBiases);
    return new Pair<>(gradient, backpropDropOutIfPresent(ofInput));
  }

  /** Of the gates' sums at a bar, from those of what is said there. */
  private static void slopesOfSums(
      Pass pass, int t, INDArray before, INDArray ofSaid, INDArray ofSums, INDArray scratch) {
    long units = before.size(1);
    INDArray reset = columns(pass.gates[t], 0, units);
    INDArray update = columns(pass.gates[t], units, 2 * units);
    INDArray candidate = columns(pass.gates[t], 2 * units, 3 * units);
    INDArray ofReset = columns(ofSums, 0, units);
    INDArray ofUpdate = columns(ofSums, units, 2 * units);
    INDArray ofCandidate = columns(ofSums, 2 * units, 3 * units);
    before.subi(candidate, ofUpdate);
    ofUpdate.muli(ofSaid).muli(update);
    update.rsubi(1, scratch);
    ofUpdate.muli(scratch);
    ofSaid.muli(scratch, ofCandidate);
    candidate.muli(candidate, scratch);
    ofCandidate.muli(scratch.rsubi(1));
    ofCandidate.muli(pass.fromBefore[t], ofReset);
    ofReset.muli(reset);
    reset.rsubi(1, scratch);
    ofReset.muli(scratch);
  }

  private INDArray gradientOf(String key) {
    return requireNonNull(gradientViews.get(key), key);
  }

  private INDArray zeros(ArrayType kept, LayerWorkspaceMgr memory, long rows, long columns) {
    return memory.create(kept, dataType, new long[] {rows, columns}, 'f');
  }

  private static INDArray step(INDArray sequences, int t) {
    return sequences.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(t));
  }

  private static INDArray columns(INDArray matrix, long from, long to) {
    return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public INDArray rnnTimeStep(INDArray step, LayerWorkspaceMgr memory) {
    throw carriesNothing();
  }

  @Override
  public INDArray rnnActivateUsingStoredState(
      INDArray sequences, boolean training, boolean store, LayerWorkspaceMgr memory) {
    throw carriesNothing();
  }

  @Override
  public Pair<Gradient, INDArray> tbpttBackpropGradient(
      INDArray slopes, int back, LayerWorkspaceMgr memory) {
    throw carriesNothing();
  }

  private static UnsupportedOperationException carriesNothing() {
    return new UnsupportedOperationException("every sequence begins from nothing");
  }
}
