package io.ktrdr.cli;

/** Exit codes of every command. */
final class ExitCode {

  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int CANCELLED = 3;
  static final int UNREACHABLE = 5;

  private ExitCode() {}
}
