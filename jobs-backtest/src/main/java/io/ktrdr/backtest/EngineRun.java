package io.ktrdr.backtest;

import io.ktrdr.protocol.Sha256;
import java.util.List;

/**
 * What the engine made of a range of bars.
 *
 * @param from first bar of the range, index into the series
 * @param initialCapital at the first bar
 * @param equity at the close of each bar of the range; the last one after closing everything
 * @param positions at the close of each bar: 1 long, -1 short, 0 flat
 * @param refusedOrders entries dropped because the equity did not reach for them
 * @param conflicts bars at which both sides were to be entered, so that neither was
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
public record EngineRun(
    int from,
    double initialCapital,
    double[] equity,
    byte[] positions,
    List<Trade> trades,
    int refusedOrders,
    int conflicts,
    Sha256 ordersSha256) {

  /**
   * The equity curve that figures are made of: it begins with the initial capital. At the first
   * close they differ when an order filled at that very close has cost something; those costs are
   * part of the first return.
   */
  double[] curve() {
    if (equity[0] == initialCapital) {
      return equity;
    }
    double[] curve = equity.clone();
    curve[0] = initialCapital;
    return curve;
  }

  public double finalEquity() {
    return equity[equity.length - 1];
  }
}
