package planted.api.operation;

import io.javalin.http.Context;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jdbi.v3.core.Handle;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.ta4j.core.Bar;

/** Sleeps, holds SQL, and touches every library that is none of its business. */
public final class SleepyManager {

  private final List<Bar> bars;
  private final MultiLayerNetwork network;

  SleepyManager(List<Bar> bars, MultiLayerNetwork network) {
    this.bars = bars;
    this.network = network;
  }

  int rows(Handle handle, Context ctx) throws InterruptedException {
    Thread.sleep(1);
    ctx.status(200);
    INDArray parameters = network.params();
    return handle.select("select 1").mapTo(Integer.class).one()
        + bars.size()
        + (int) parameters.length();
  }
}
