package io.ktrdr.worker;

import io.ktrdr.protocol.Failure;
import org.jspecify.annotations.Nullable;

/** The work cannot succeed. Carries what the user is told. */
public final class OperationFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;

  /**
   * @param code stable, upper case
   * @param message what, where, and what to do
   * @param retryable true when the same input may succeed next time
   */
  public OperationFailedException(
      String code, String message, boolean retryable, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryable = retryable;
  }

  /** A failure that the same input will always meet. */
  public static OperationFailedException permanent(String code, String message) {
    return new OperationFailedException(code, message, false, null);
  }

  public Failure failure() {
    String message = getMessage();
    return new Failure(code, message == null ? code : message, retryable);
  }
}
