package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A curve as a line of blocks.
 *
 * @param times in epoch seconds, ascending, at least one
 * @param values the first of them is 100
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Sparkline(String name, long[] times, double[] values) {

  private static final int COLUMNS = 60;
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";

  /**
   * @param points with {@code timestamp} and {@code portfolio_value}
   */
  static Sparkline of(String name, JsonNode points) {
    long[] times = new long[points.size()];
    double[] values = new double[points.size()];
    double first = points.path(0).path("portfolio_value").asDouble();
    for (int i = 0; i < times.length; i++) {
      times[i] = Instant.parse(points.path(i).path("timestamp").asText()).getEpochSecond();
      values[i] = 100 * points.path(i).path("portfolio_value").asDouble() / first;
    }
    return new Sparkline(name, times, values);
  }

  /** All of them on one scale of time and of value, with their least, most and last value. */
  static String render(List<Sparkline> lines) {
    long from = lines.stream().mapToLong(line -> line.times[0]).min().orElse(0);
    long to = lines.stream().mapToLong(line -> line.times[line.times.length - 1]).max().orElse(0);
    double least = lines.stream().mapToDouble(Sparkline::least).min().orElse(0);
    double most = lines.stream().mapToDouble(Sparkline::most).max().orElse(0);
    Table table =
        new Table("EQUITY FROM 100", day(from) + " … " + day(to), "LEAST", "MOST", "LAST");
    for (Sparkline line : lines) {
      table.add(
          line.name,
          line.blocks(from, to, least, most),
          rounded(line.least()),
          rounded(line.most()),
          rounded(line.values[line.values.length - 1]));
    }
    return table.render();
  }

  /** The last value up to the end of each column; blank before the first and after the last. */
  private String blocks(long from, long to, double least, double most) {
    StringBuilder text = new StringBuilder(COLUMNS);
    int next = 0;
    for (int column = 0; column < COLUMNS; column++) {
      double begin = from + (double) (to - from) * column / COLUMNS;
      double end = from + (double) (to - from) * (column + 1) / COLUMNS;
      while (next < times.length && times[next] <= end) {
        next++;
      }
      if (next == 0 || times[times.length - 1] < begin) {
        text.append(' ');
      } else {
        double height = most > least ? (values[next - 1] - least) / (most - least) : 0;
        text.append(BLOCKS.charAt(Math.clamp(Math.round(height * 7), 0, 7)));
      }
    }
    return text.toString();
  }

  private double least() {
    return Arrays.stream(values).min().orElse(0);
  }

  private double most() {
    return Arrays.stream(values).max().orElse(0);
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String day(long epochSeconds) {
    return Instant.ofEpochSecond(epochSeconds).toString().substring(0, 10);
  }
}
