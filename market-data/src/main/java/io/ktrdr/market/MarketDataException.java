package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

/**
 * Price data that cannot be used. The message names the symbol or file, the row, the value and what
 * to do; {@link #code()} is stable and meant for machines.
 *
 * <p>Codes: {@code DATA_UNSORTED}, {@code DATA_DUPLICATE_TS}, {@code DATA_NAN}, {@code
 * DATA_NONPOSITIVE_PRICE}, {@code DATA_OHLC_INCONSISTENT}, {@code DATA_TIMEFRAME_MISMATCH}, {@code
 * DATA_AMBIGUOUS_TIME}, {@code DATA_UNREADABLE}, {@code DATA_EMPTY}, {@code DATA_TOO_LARGE}, {@code
 * DATA_FILE_NAME}, {@code DATA_CHANGED}, {@code DATA_EXISTS}, {@code DATA_DIRECTORY_UNREADABLE},
 * {@code DATA_DIRECTORY_UNWRITABLE}, {@code SYMBOL_UNKNOWN}, {@code TIMEFRAME_UNKNOWN}.
 */
public final class MarketDataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;

  public MarketDataException(String code, String message) {
    super(requireNonNull(message, "message is null"));
    this.code = requireNonNull(code, "code is null");
  }

  MarketDataException(String code, String message, Throwable cause) {
    super(requireNonNull(message, "message is null"), cause);
    this.code = requireNonNull(code, "code is null");
  }

  /** Stable, upper case, e.g. {@code DATA_UNSORTED}. */
  public String code() {
    return code;
  }
}
