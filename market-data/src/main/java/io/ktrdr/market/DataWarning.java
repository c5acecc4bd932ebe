package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

/**
 * What is odd about bars and no reason to refuse them.
 *
 * @param code stable: {@code DATA_GAP}, {@code DATA_OUTLIER} or {@code DATA_ZERO_VOLUME}
 * @param message the first place, how many there are, what to do
 */
public record DataWarning(String code, String message) {

  public DataWarning {
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
  }

  /** In one sentence, the code in front. */
  @Override
  public String toString() {
    return code + ": " + message;
  }
}
