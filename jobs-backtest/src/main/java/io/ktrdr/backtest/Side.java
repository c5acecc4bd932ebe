package io.ktrdr.backtest;

/** Which way a position earns. */
public enum Side {
  LONG(1),
  SHORT(-1);

  private final int sign;

  Side(int sign) {
    this.sign = sign;
  }

  /** 1 when a rising price earns, -1 when a falling one does. */
  public int sign() {
    return sign;
  }
}
