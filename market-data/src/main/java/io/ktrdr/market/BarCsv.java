package io.ktrdr.market;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bars in the layout of {@link Layout#KTRDR}: what is read of it is what was written. */
final class BarCsv {

  /** Whole numbers up to here are written without a point. */
  private static final double WHOLE_MAX = 1e15;

  private BarCsv() {}

  /**
   * Writes row by row: a million bars as one text would be several times their size in memory.
   *
   * @param notes a line each
   * @param out is not closed
   */
  static void write(BarSeries bars, List<String> notes, OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    for (String note : notes) {
      writer.append("# note: ").append(note).append('\n');
    }
    writer.append("timestamp,open,high,low,close,volume\n");
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < bars.size(); i++) {
      row.setLength(0);
      row.append(bars.time(i)).append(',');
      append(row, bars.open()[i]).append(',');
      append(row, bars.high()[i]).append(',');
      append(row, bars.low()[i]).append(',');
      append(row, bars.close()[i]).append(',');
      append(row, bars.volume()[i]).append('\n');
      writer.append(row);
    }
    writer.flush();
  }

  private static StringBuilder append(StringBuilder text, double number) {
    return number == Math.rint(number) && number < WHOLE_MAX
        ? text.append((long) number)
        : text.append(BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());
  }
}
