package io.ktrdr.protocol;

/** A message that is not JSON, or of a type or version this process does not know. */
public final class UnreadableMessageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UnreadableMessageException(String reason) {
    super(reason);
  }
}
