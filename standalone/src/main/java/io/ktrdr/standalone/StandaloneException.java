package io.ktrdr.standalone;

/**
 * Something the embedded default needs is missing, refused or did not come up in time. The message
 * says what happened, where, and what to do; the code is stable.
 */
public final class StandaloneException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;

  /** A failure with a stable upper-case code and a message a user can act on. */
  public StandaloneException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** As above, keeping the cause for the log. */
  public StandaloneException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Stable upper-case code, such as {@code POSTGRES_START_TIMEOUT}. */
  public String code() {
    return code;
  }
}
