package io.ktrdr.standalone;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Signals Java cannot send by itself. */
final class Signals {

  private static final int KILL_COMMAND_SECONDS_MAX = 5;

  private Signals() {}

  /**
   * Sends {@code signal} (a name such as {@code INT}) to {@code pid}; a dead process is no error.
   */
  static void send(String signal, long pid) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(KILL_COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      throw new StandaloneException(
          "SIGNAL_NOT_SENT", "Could not run 'kill -" + signal + " " + pid + "': " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
