package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/**
 * Bytes that are not a usable model. Codes: {@code MODEL_CORRUPT}, {@code
 * MODEL_VERSION_UNSUPPORTED}, {@code MODEL_TOO_LARGE}, {@code MODEL_FEATURES_MISMATCH}.
 */
public final class ModelInvalidException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;

  public ModelInvalidException(String code, String message) {
    super(requireNonNull(message, "message is null"));
    this.code = requireNonNull(code, "code is null");
  }

  ModelInvalidException(String code, String message, Throwable cause) {
    super(requireNonNull(message, "message is null"), cause);
    this.code = requireNonNull(code, "code is null");
  }

  public String code() {
    return code;
  }
}
