package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.Arrays;

/** What makes a bar acceptable, in one place for files and for series built in memory. */
final class BarRules {

  private static final String CORRECT = "; correct the source, or remove the row";

  /** Fewer say nothing of a file whose bars are all far apart. */
  private static final int SPACINGS_JUDGED_MIN = 9;

  private BarRules() {}

  /**
   * @param where names the series and the row, e.g. {@code "EURUSD 1d, line 17"}
   */
  static void checkPrices(
      RowPlace where, double open, double high, double low, double close, double volume) {
    checkPrice(where, "open", open);
    checkPrice(where, "high", high);
    checkPrice(where, "low", low);
    checkPrice(where, "close", close);
    if (!Double.isFinite(volume)) {
      throw new MarketDataException(
          "DATA_NAN", where + ": volume is " + volume + ", not a finite number" + CORRECT);
    }
    if (volume < 0) {
      throw new MarketDataException(
          "DATA_OHLC_INCONSISTENT",
          where + ": volume is " + volume + "; write 0 (or -1) when it is not known");
    }
    if (high < low) {
      throw inconsistent(where + ": high " + high + " is below low " + low);
    }
    checkInside(where, "open", open, high, low);
    checkInside(where, "close", close, high, low);
  }

  static void checkOrder(RowPlace where, long previousTime, long time) {
    if (time == previousTime) {
      throw new MarketDataException(
          "DATA_DUPLICATE_TS",
          where + ": " + at(time) + " is the same time as the row before; keep one of the two");
    }
    if (time < previousTime) {
      throw new MarketDataException(
          "DATA_UNSORTED",
          where
              + ": "
              + at(time)
              + " comes after "
              + at(previousTime)
              + "; sort the rows by time, oldest first");
    }
  }

  /**
   * Whether the bars can be of this length. Holidays and weekends only widen the distance between
   * two bars, so a median below a bar's length is a wrong name, and so is a smallest distance of
   * twice that length. One short bar alone is none: a broker's Sunday evening, or a day on which
   * clocks go forward.
   */
  static void checkSpacing(String series, Timeframe timeframe, long[] times) {
    if (times.length < 3) {
      return;
    }
    long length = timeframe.length().toSeconds();
    long[] gaps = new long[times.length - 1];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = times[i + 1] - times[i];
    }
    long shortest = length - tolerance(timeframe);
    int overlap = -1;
    for (int i = 1; i < gaps.length && overlap < 0; i++) {
      overlap = gaps[i - 1] < shortest && gaps[i] < shortest ? i : -1;
    }
    Arrays.sort(gaps);
    long median = gaps[gaps.length / 2];
    if (median < length || (gaps.length >= SPACINGS_JUDGED_MIN && gaps[0] >= 2 * length)) {
      throw new MarketDataException(
          "DATA_TIMEFRAME_MISMATCH",
          "%s: bars are usually %d s apart, a %s bar lasts %d s; name the file after its real timeframe"
              .formatted(series, median, timeframe, length));
    }
    if (overlap > 0) {
      throw new MarketDataException(
          "DATA_TIMEFRAME_MISMATCH",
          "%s: the bars of %s, %s and %s overlap, a %s bar lasts %d s; keep bars of one length only"
              .formatted(
                  series,
                  at(times[overlap - 1]),
                  at(times[overlap]),
                  at(times[overlap + 1]),
                  timeframe,
                  length));
    }
  }

  /** By how much a bar may be shorter than the others: days by an hour, weeks by holidays. */
  static long tolerance(Timeframe timeframe) {
    return switch (timeframe) {
      case M1, M5, M15, M30, H1, H4 -> 0;
      case D1 -> 3_600;
      case W1 -> 3 * 86_400 + 43_200;
    };
  }

  private static void checkPrice(RowPlace where, String column, double price) {
    if (!Double.isFinite(price)) {
      throw new MarketDataException(
          "DATA_NAN", where + ": " + column + " is " + price + ", not a finite number" + CORRECT);
    }
    if (price <= 0) {
      throw new MarketDataException(
          "DATA_NONPOSITIVE_PRICE",
          where + ": " + column + " is " + price + ", a price must be above 0" + CORRECT);
    }
  }

  private static void checkInside(
      RowPlace where, String column, double price, double high, double low) {
    if (price > high || price < low) {
      throw inconsistent(
          where + ": " + column + " " + price + " is outside low " + low + " .. high " + high);
    }
  }

  private static MarketDataException inconsistent(String what) {
    return new MarketDataException("DATA_OHLC_INCONSISTENT", what + CORRECT);
  }

  static Instant at(long epochSecond) {
    return Instant.ofEpochSecond(epochSecond);
  }
}
