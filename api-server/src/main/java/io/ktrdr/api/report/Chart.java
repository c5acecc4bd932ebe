package io.ktrdr.api.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * One chart as SVG, drawn in the order of the calls: axes first, then what lies over them. Colours
 * are the page's variables, so it follows its light and its dark. No script, no font, no link.
 */
final class Chart {

  static final int WIDTH = 900;

  /** A line has two points for each of them at most. */
  private static final int COLUMNS = 600;

  private static final int LEFT = 70;
  private static final int RIGHT = 10;
  private static final int TOP = 10;
  private static final int BOTTOM = 24;
  private static final int TICKS = 5;

  private final StringBuilder svg = new StringBuilder();
  private final int height;
  private final double minX;
  private final double maxX;
  private final double minY;
  private final double maxY;
  private final boolean logarithmic;

  /** What the vertical axis says at a value. */
  @FunctionalInterface
  interface Label {

    String of(double value);
  }

  private Chart(
      String title,
      int height,
      double minX,
      double maxX,
      double minY,
      double maxY,
      boolean logarithmic) {
    this.height = height;
    this.minX = minX;
    this.maxX = maxX > minX ? maxX : minX + 1;
    this.logarithmic = logarithmic;
    double low = logarithmic ? Math.log(minY) : minY;
    double high = logarithmic ? Math.log(maxY) : maxY;
    double room = high > low ? 0.04 * (high - low) : Math.max(1e-9, Math.abs(high) * 0.01);
    this.minY = low - room;
    this.maxY = high + room;
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, height, Html.escape(title)));
  }

  /** Of something over time, values within these bounds. */
  static Chart overTime(String title, int height, Curve curve, double minY, double maxY) {
    return new Chart(title, height, first(curve), last(curve), minY, maxY, false);
  }

  /** As {@link #overTime}, with a logarithmic vertical axis; all values above 0. */
  static Chart logarithmic(String title, int height, Curve curve, double minY, double maxY) {
    return new Chart(title, height, first(curve), last(curve), minY, maxY, true);
  }

  private static double first(Curve curve) {
    return (double) curve.times()[0];
  }

  private static double last(Curve curve) {
    return (double) curve.times()[curve.size() - 1];
  }

  /** Over values of both axes that lie within these bounds. */
  static Chart over(String title, int height, double minX, double maxX, double minY, double maxY) {
    return new Chart(title, height, minX, maxX, minY, maxY, false);
  }

  Chart yAxis(Label label) {
    double low = logarithmic ? Math.exp(minY) : minY;
    double high = logarithmic ? Math.exp(maxY) : maxY;
    for (double value : ticks(low, high)) {
      double y = top(logarithmic ? Math.log(value) : value);
      svg.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
              .formatted(LEFT, WIDTH - RIGHT, n(y), n(y)));
      svg.append(
          "<text class=\"tick\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>"
              .formatted(LEFT - 6, n(y + 4), Html.escape(label.of(value))));
    }
    return this;
  }

  /** Days at the bottom, for an axis of epoch seconds. */
  Chart dayAxis() {
    double[] days = new double[TICKS];
    for (int i = 0; i < TICKS; i++) {
      days[i] = minX + (maxX - minX) * (i + 0.5) / TICKS;
    }
    return xAxis(
        days,
        at -> Instant.ofEpochSecond((long) at).atOffset(ZoneOffset.UTC).toLocalDate().toString());
  }

  Chart xAxis(Label label) {
    return xAxis(ticks(minX, maxX), label);
  }

  private Chart xAxis(double[] values, Label label) {
    for (double at : values) {
      svg.append(
          "<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>"
              .formatted(n(left(at)), height - 6, Html.escape(label.of(at))));
    }
    return this;
  }

  /** Round values between two bounds, {@value #TICKS} or a few more. */
  static double[] ticks(double low, double high) {
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {2, 5, 10}) {
      if (factor * power <= rough * 1.01) {
        step = factor * power;
      }
    }
    double first = Math.ceil(low / step);
    double[] ticks = new double[(int) (Math.floor(high / step) - first) + 1];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = (first + i) * step;
    }
    return ticks;
  }

  /** A line; of many points the lowest and the highest of each column. */
  Chart line(String css, long[] xs, double[] ys) {
    svg.append("<polyline class=\"%s\" points=\"".formatted(css));
    points(xs, ys);
    svg.append("\"/>");
    return this;
  }

  /** What lies between a line and a level. */
  Chart area(String css, long[] xs, double[] ys, double level) {
    svg.append(
        "<polygon class=\"%s\" points=\"%s,%s "
            .formatted(css, n(left((double) xs[0])), n(top(level))));
    points(xs, ys);
    svg.append("%s,%s\"/>".formatted(n(left((double) xs[xs.length - 1])), n(top(level))));
    return this;
  }

  private void points(long[] xs, double[] ys) {
    int count = xs.length;
    int columns = Math.min(count, COLUMNS);
    for (int column = 0; column < columns; column++) {
      int from = (int) ((long) column * count / columns);
      int to = (int) ((long) (column + 1) * count / columns);
      int lowest = from;
      int highest = from;
      for (int i = from; i < to; i++) {
        lowest = ys[i] < ys[lowest] ? i : lowest;
        highest = ys[i] > ys[highest] ? i : highest;
      }
      point(xs, ys, Math.min(lowest, highest));
      if (lowest != highest) {
        point(xs, ys, Math.max(lowest, highest));
      }
    }
  }

  private void point(long[] xs, double[] ys, int i) {
    double y = logarithmic ? Math.log(ys[i]) : ys[i];
    svg.append(n(left((double) xs[i]))).append(',').append(n(top(y))).append(' ');
  }

  /** A bar from the level 0 to a height. */
  Chart bar(String css, double fromX, double toX, double y, String hint) {
    double above = Math.min(top(y), top(0));
    double size = Math.abs(top(y) - top(0));
    svg.append(
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>"
            .formatted(
                css,
                n(left(fromX)),
                n(above),
                n(Math.max(0.5, left(toX) - left(fromX) - 1)),
                n(size),
                Html.escape(hint)));
    return this;
  }

  Chart vertical(String css, double x) {
    svg.append(
        "<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>"
            .formatted(css, n(left(x)), n(left(x)), TOP, height - BOTTOM));
    return this;
  }

  Chart horizontal(String css, double y) {
    svg.append(
        "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
            .formatted(css, LEFT, WIDTH - RIGHT, n(top(y)), n(top(y))));
    return this;
  }

  Chart dot(String css, double x, double y, String hint) {
    svg.append(
        "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s</title></circle>"
            .formatted(css, n(left(x)), n(top(y)), Html.escape(hint)));
    return this;
  }

  /**
   * A triangle at a point.
   *
   * @param up its tip is above
   */
  Chart triangle(String css, double x, double y, boolean up, String hint) {
    double cx = left(x);
    double cy = top(y);
    double tip = up ? -5 : 5;
    svg.append(
        "<polygon class=\"%s\" points=\"%s,%s %s,%s %s,%s\"><title>%s</title></polygon>"
            .formatted(
                css,
                n(cx),
                n(cy + tip),
                n(cx - 4),
                n(cy - tip * 0.6),
                n(cx + 4),
                n(cy - tip * 0.6),
                Html.escape(hint)));
    return this;
  }

  String svg() {
    return svg + "</svg>";
  }

  private double left(double x) {
    return LEFT + (x - minX) / (maxX - minX) * (WIDTH - LEFT - RIGHT);
  }

  private double top(double y) {
    return TOP + (maxY - y) / (maxY - minY) * (height - TOP - BOTTOM);
  }

  private static String n(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
