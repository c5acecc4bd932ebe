package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

/**
 * Why a run ended without a result.
 *
 * @param code stable, upper case, e.g. {@code LABELS_DEGENERATE}
 * @param message for the user: what, where, and what to do
 * @param retryable true when the same input may succeed next time
 */
public record Failure(String code, String message, boolean retryable) {

  public Failure {
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
  }
}
