package io.ktrdr.backtest;

import java.util.BitSet;

/** Signals that are known beforehand, as the sets of bars that have them. Immutable. */
final class SignalColumns implements SignalSource {

  private final BitSet enterLong;
  private final BitSet exitLong;
  private final BitSet enterShort;
  private final BitSet exitShort;

  /** Bars that may change something for who is short, flat, long. */
  private final BitSet[] telling;

  /** The sets become its own. */
  SignalColumns(BitSet enterLong, BitSet exitLong, BitSet enterShort, BitSet exitShort) {
    this.enterLong = enterLong;
    this.exitLong = exitLong;
    this.enterShort = enterShort;
    this.exitShort = exitShort;
    this.telling =
        new BitSet[] {
          either(exitShort, enterLong), either(enterLong, enterShort), either(exitLong, enterShort)
        };
  }

  private static BitSet either(BitSet one, BitSet other) {
    BitSet both = (BitSet) one.clone();
    both.or(other);
    return both;
  }

  @Override
  public int at(int bar, int position, long lastFillTime) {
    return (enterLong.get(bar) ? ENTER_LONG : NOTHING)
        | (exitLong.get(bar) ? EXIT_LONG : NOTHING)
        | (enterShort.get(bar) ? ENTER_SHORT : NOTHING)
        | (exitShort.get(bar) ? EXIT_SHORT : NOTHING);
  }

  @Override
  public int next(int bar, int end, int position) {
    int next = telling[position + 1].nextSetBit(bar);
    return next < 0 || next > end ? end : next;
  }

  /** Bars from {@code from} on that have this one of the signals. */
  int count(int signal, int from) {
    BitSet bars =
        switch (signal) {
          case ENTER_LONG -> enterLong;
          case EXIT_LONG -> exitLong;
          case ENTER_SHORT -> enterShort;
          case EXIT_SHORT -> exitShort;
          default -> throw new IllegalArgumentException("signal " + signal);
        };
    return bars.get(from, Math.max(from, bars.length())).cardinality();
  }
}
