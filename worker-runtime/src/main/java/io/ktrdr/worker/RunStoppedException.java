package io.ktrdr.worker;

/** This run must end now. Handlers let it pass. */
public final class RunStoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason for log and event, e.g. {@code cancelled by user}
   */
  public RunStoppedException(String reason) {
    super(reason);
  }
}
