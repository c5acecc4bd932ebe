package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

/**
 * Price data frozen at submit: which bars, and the fingerprint of the file they were in. The bytes
 * are the artifact of that digest, so a later edit of the file cannot change a queued operation.
 *
 * @param symbol as in the file name, e.g. {@code EURUSD}
 * @param sha256 digest of the CSV file's bytes
 */
public record DatasetRef(String symbol, Timeframe timeframe, Sha256 sha256) {

  public DatasetRef {
    requireNonNull(symbol, "symbol is null");
    requireNonNull(timeframe, "timeframe is null");
    requireNonNull(sha256, "sha256 is null");
  }
}
