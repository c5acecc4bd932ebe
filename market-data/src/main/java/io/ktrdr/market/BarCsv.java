package io.ktrdr.market;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bars in the layout of {@link Layout#KTRDR}: what is read of it is what was written. */
final class BarCsv {

  private static final int BYTES_OF_A_ROW = 64;

  /** Whole numbers up to here are written without a point. */
  private static final double WHOLE_MAX = 1e15;

  private BarCsv() {}

  /**
   * @param notes a line each
   */
  static byte[] write(BarSeries bars, List<String> notes) {
    StringBuilder text = new StringBuilder(bars.size() * BYTES_OF_A_ROW);
    for (String note : notes) {
      text.append("# note: ").append(note).append('\n');
    }
    text.append("timestamp,open,high,low,close,volume\n");
    for (int i = 0; i < bars.size(); i++) {
      text.append(bars.time(i)).append(',');
      append(text, bars.open()[i]).append(',');
      append(text, bars.high()[i]).append(',');
      append(text, bars.low()[i]).append(',');
      append(text, bars.close()[i]).append(',');
      append(text, bars.volume()[i]).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static StringBuilder append(StringBuilder text, double number) {
    return number == Math.rint(number) && number < WHOLE_MAX
        ? text.append((long) number)
        : text.append(BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());
  }
}
