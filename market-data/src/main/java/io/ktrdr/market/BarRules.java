package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.Arrays;

/** What makes a bar acceptable, in one place for files and for series built in memory. */
final class BarRules {

  private static final String CORRECT = "; correct the source, or remove the row";

  private BarRules() {}

  /**
   * @param where names the series and the row, e.g. {@code "EURUSD 1d, line 17"}
   */
  static void checkPrices(
      String where, double open, double high, double low, double close, double volume) {
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

  static void checkOrder(String where, long previousTime, long time) {
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
   * Holidays and weekends only widen gaps, so a median gap below the bar length is a wrong name.
   */
  static void checkSpacing(String series, Timeframe timeframe, long[] times) {
    if (times.length < 3) {
      return;
    }
    long[] gaps = new long[times.length - 1];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = times[i + 1] - times[i];
    }
    Arrays.sort(gaps);
    long median = gaps[gaps.length / 2];
    if (median < timeframe.length().toSeconds()) {
      throw new MarketDataException(
          "DATA_TIMEFRAME_MISMATCH",
          "%s: bars are usually %d s apart, a %s bar lasts %d s; name the file after its real timeframe"
              .formatted(series, median, timeframe, timeframe.length().toSeconds()));
    }
  }

  private static void checkPrice(String where, String column, double price) {
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
      String where, String column, double price, double high, double low) {
    if (price > high || price < low) {
      throw inconsistent(
          where + ": " + column + " " + price + " is outside low " + low + " .. high " + high);
    }
  }

  private static MarketDataException inconsistent(String what) {
    return new MarketDataException("DATA_OHLC_INCONSISTENT", what + CORRECT);
  }

  private static Instant at(long epochSecond) {
    return Instant.ofEpochSecond(epochSecond);
  }
}
