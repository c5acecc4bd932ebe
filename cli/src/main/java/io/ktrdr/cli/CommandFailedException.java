package io.ktrdr.cli;

/** Ends a command with a message on standard error and an exit code. */
final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String code;

  /**
   * @param code the API's error code, for {@code --json}
   */
  CommandFailedException(int exitCode, String code, String message) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }

  int exitCode() {
    return exitCode;
  }

  String code() {
    return code;
  }
}
