package io.ktrdr.api.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.DoubleUnaryOperator;

/**
 * One chart as SVG, drawn in the order of the calls: axes first, then what lies over them. Colours
 * are the page's, so it follows its light and its dark. No script, no font, no link.
 */
final class Chart {

  /** As wide as the page. */
  static final int WIDE = 900;

  /** Two beside each other. */
  static final int NARROW = 440;

  /** A line has two points for each of them at most. */
  static final int COLUMNS = 600;

  private static final int LEFT_OF_WIDE = 70;
  private static final int LEFT_OF_NARROW = 54;
  private static final int RIGHT = 10;
  private static final int TOP = 10;
  private static final int BOTTOM = 24;
  private static final int DAYS_OF_WIDE = 5;
  private static final int DAYS_OF_NARROW = 3;

  private final StringBuilder svg = new StringBuilder(16 * 1024);
  private final int width;
  private final int height;
  private final int left;
  private final Scale x;
  private final Scale y;

  /** What an axis says at a value. */
  @FunctionalInterface
  interface Label {

    String of(double value);
  }

  /** How a point is marked: told apart by form, not by colour alone. */
  enum Mark {
    UP,
    DOWN,
    DOT,
    CROSS
  }

  /**
   * @param title what it shows, for those who see it and those who hear it
   * @param about the same in a sentence, with its figures
   */
  Chart(String title, String about, int width, int height, Scale x, Scale y) {
    this.width = width;
    this.height = height;
    this.left = width == WIDE ? LEFT_OF_WIDE : LEFT_OF_NARROW;
    this.x = x;
    this.y = y;
    svg.append("<svg viewBox=\"0 0 %d %d\" role=\"img\">".formatted(width, height));
    title(title);
    svg.append("<desc>").append(Html.escape(about)).append("</desc>");
  }

  Chart yAxis(Label label) {
    for (double value : y.ticks()) {
      svg.append("<path class=\"grid\" d=\"M").append(left).append(',');
      number(top(value)).append('H').append(width - RIGHT).append("\"/>");
      svg.append("<text class=\"tick\" text-anchor=\"end\" x=\"")
          .append(left - 6)
          .append("\" y=\"");
      number(top(value) + 4).append("\">").append(Html.escape(label.of(value))).append("</text>");
    }
    return this;
  }

  /** Days at the bottom, for an axis of epoch seconds. */
  Chart dayAxis() {
    return dayAxis(at -> at);
  }

  /**
   * Days at the bottom.
   *
   * @param seconds the time at a place, in epoch seconds
   */
  Chart dayAxis(DoubleUnaryOperator seconds) {
    int count = width == WIDE ? DAYS_OF_WIDE : DAYS_OF_NARROW;
    for (int i = 0; i < count; i++) {
      double at = x.low() + (x.high() - x.low()) * (i + 0.5) / count;
      long second = (long) seconds.applyAsDouble(at);
      below(at, Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC).toLocalDate().toString());
    }
    return this;
  }

  Chart xAxis(Label label) {
    for (double at : x.ticks()) {
      below(at, label.of(at));
    }
    return this;
  }

  private void below(double at, String text) {
    svg.append("<text class=\"tick\" text-anchor=\"middle\" y=\"").append(height - 6);
    svg.append("\" x=\"");
    number(left(at)).append("\">").append(Html.escape(text)).append("</text>");
  }

  /**
   * A line; of many points the lowest and the highest of each of {@value #COLUMNS} columns. It
   * breaks where a value is not a number.
   */
  Chart line(String css, long[] xs, double[] ys) {
    svg.append("<path class=\"").append(css).append("\" d=\"");
    points(xs, ys);
    svg.append("\"/>");
    return this;
  }

  /** What lies between a line and a level. */
  Chart area(String css, long[] xs, double[] ys, double level) {
    svg.append("<path class=\"").append(css).append("\" d=\"");
    points(xs, ys);
    svg.append('L');
    point((double) xs[xs.length - 1], level).append(' ');
    point((double) xs[0], level).append("Z\"/>");
    return this;
  }

  private void points(long[] xs, double[] ys) {
    boolean drawing = false;
    for (int i : Outline.of(ys, COLUMNS)) {
      if (i == Outline.BREAK) {
        drawing = false;
      } else {
        svg.append(drawing ? 'L' : 'M');
        point((double) xs[i], ys[i]);
        drawing = true;
      }
    }
  }

  /**
   * Candles: what rose is hollow, what fell is filled.
   *
   * @param place where a bar, by its index into the series, lies on the axis
   */
  Chart candles(Candles candles, DoubleUnaryOperator place) {
    double spacing =
        candles.size() < 2
            ? 20
            : Math.abs(
                    left(middle(candles, candles.size() - 1, place))
                        - left(middle(candles, 0, place)))
                / (candles.size() - 1);
    double half = Math.clamp(0.35 * spacing, 0.3, 5);
    for (boolean rising : new boolean[] {true, false}) {
      String css = rising ? "rise" : "fall";
      svg.append("<path class=\"").append(css).append("\" d=\"");
      for (int i = 0; i < candles.size(); i++) {
        if (rising == candles.close()[i] >= candles.open()[i]) {
          candle(candles, i, middle(candles, i, place), half);
        }
      }
      svg.append("\"/>");
    }
    return this;
  }

  private static double middle(Candles candles, int i, DoubleUnaryOperator place) {
    return (place.applyAsDouble(candles.first()[i]) + place.applyAsDouble(candles.last()[i])) / 2;
  }

  /** Wick above, wick below, body. */
  private void candle(Candles candles, int i, double middle, double half) {
    double upper = Math.max(candles.open()[i], candles.close()[i]);
    double lower = Math.min(candles.open()[i], candles.close()[i]);
    svg.append('M');
    point(middle, candles.high()[i]).append('V');
    number(top(upper)).append('M');
    point(middle, lower).append('V');
    number(top(candles.low()[i])).append('M');
    number(left(middle) - half).append(',');
    number(top(upper)).append('h');
    number(2 * half).append('V');
    number(top(lower)).append('h');
    number(-2 * half).append('Z');
  }

  /** A bar from the level 0 to a height. */
  Chart bar(String css, double fromX, double toX, double height, String hint) {
    double zero = top(0);
    svg.append("<rect class=\"").append(css).append("\" x=\"");
    number(left(fromX)).append("\" y=\"");
    number(Math.min(top(height), zero)).append("\" width=\"");
    number(Math.max(0.5, left(toX) - left(fromX) - 1)).append("\" height=\"");
    number(Math.abs(top(height) - zero)).append("\">");
    title(hint);
    svg.append("</rect>");
    return this;
  }

  /** A bar from the place 0 to another, between two heights, with words above it. */
  Chart lyingBar(String css, double toX, double fromY, double toY, String words, String hint) {
    double zero = left(0);
    double end = left(toX);
    svg.append("<rect class=\"").append(css).append("\" x=\"");
    number(Math.min(zero, end)).append("\" y=\"");
    number(top(toY)).append("\" width=\"");
    number(Math.max(0.5, Math.abs(end - zero))).append("\" height=\"");
    number(top(fromY) - top(toY)).append("\">");
    title(hint);
    svg.append("</rect>");
    text("tick", "start", left + 2.0, top(toY) - 3, words);
    return this;
  }

  /** All of the height between two places, named at its top; what lies outside is cut off. */
  Chart band(String css, double fromX, double toX, String name) {
    double from = Math.max(fromX, x.low());
    double to = Math.min(toX, x.high());
    if (from < to) {
      svg.append("<rect class=\"").append(css).append("\" y=\"").append(TOP).append("\" x=\"");
      number(left(from)).append("\" width=\"");
      number(left(to) - left(from)).append("\" height=\"").append(height - TOP - BOTTOM);
      svg.append("\"/>");
      text("tick", "start", left(from) + 4, TOP + 12, name);
    }
    return this;
  }

  /** From the bottom to the top, named beside it. */
  Chart vertical(String css, double at, String name, int line) {
    svg.append("<path class=\"").append(css).append("\" d=\"M");
    number(left(at)).append(',').append(TOP).append('V').append(height - BOTTOM).append("\"/>");
    text("tick", "end", left(at) - 4, TOP + 12.0 + 14 * line, name);
    return this;
  }

  Chart horizontal(String css, double at) {
    return segment(css, x.low(), at, x.high(), at);
  }

  Chart segment(String css, double fromX, double fromY, double toX, double toY) {
    svg.append("<path class=\"").append(css).append("\" d=\"M");
    point(fromX, fromY).append('L');
    point(toX, toY).append("\"/>");
    return this;
  }

  /** Words inside the chart, beginning at a point. */
  Chart words(double at, double height, String text) {
    text("tick", "start", left(at), top(height) - 3, text);
    return this;
  }

  Chart mark(String css, Mark mark, double at, double height, String hint) {
    double cx = left(at);
    double cy = top(height);
    svg.append("<path class=\"").append(css).append("\" d=\"M");
    switch (mark) {
      case UP -> triangle(cx, cy, -1);
      case DOWN -> triangle(cx, cy, 1);
      case DOT -> {
        number(cx - 3).append(',');
        number(cy).append("a3,3 0 1,0 6,0a3,3 0 1,0 -6,0Z");
      }
      case CROSS -> {
        number(cx - 3.5).append(',');
        number(cy - 3.5).append("l7,7m0,-7l-7,7");
      }
    }
    svg.append("\">");
    title(hint);
    svg.append("</path>");
    return this;
  }

  /**
   * @param direction of its tip: -1 is up
   */
  private void triangle(double cx, double cy, int direction) {
    number(cx).append(',');
    number(cy + 5 * direction).append('L');
    number(cx - 4).append(',');
    number(cy - 3 * direction).append("h8Z");
  }

  String svg() {
    return svg + "</svg>";
  }

  private void title(String text) {
    svg.append("<title>").append(Html.escape(text)).append("</title>");
  }

  private void text(String css, String anchor, double px, double py, String text) {
    svg.append("<text class=\"").append(css).append("\" text-anchor=\"").append(anchor);
    svg.append("\" x=\"");
    number(px).append("\" y=\"");
    number(py).append("\">").append(Html.escape(text)).append("</text>");
  }

  private double left(double at) {
    return left + x.at(at) * (width - left - RIGHT);
  }

  private double top(double at) {
    return TOP + (1 - y.at(at)) * (height - TOP - BOTTOM);
  }

  private StringBuilder point(double at, double height) {
    number(left(at)).append(',');
    return number(top(height));
  }

  /** With one decimal; by hand, since a report has tens of thousands of them. */
  private StringBuilder number(double value) {
    long tenths = Math.round(value * 10);
    if (tenths < 0) {
      svg.append('-');
    }
    long size = Math.abs(tenths);
    return svg.append(size / 10).append('.').append(size % 10);
  }
}
