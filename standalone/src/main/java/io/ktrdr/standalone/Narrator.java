package io.ktrdr.standalone;

import java.io.PrintStream;
import java.time.Duration;

/** Says what happens, a line at a time; where somebody watches, progress stays on one line. */
final class Narrator {

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean interactive;
  private boolean lineOpen;

  Narrator(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  /** On standard output; the launcher script says whether that is a terminal. */
  static Narrator ofTerminal() {
    return new Narrator(System.out, Boolean.getBoolean("ktrdr.terminal"));
  }

  /** A line. */
  synchronized void say(String line) {
    endProgress();
    out.println(line);
    out.flush();
  }

  /** Something came up. */
  void done(String what, String detail, Duration took) {
    say("  ✓ %-18s %-44s %5.1f s".formatted(what, detail, took.toMillis() / 1000.0));
  }

  /** A line that the next one replaces, where that is possible. */
  synchronized void progress(String line) {
    if (interactive) {
      out.print(CLEAR_LINE + "  · " + line);
      lineOpen = true;
    } else {
      out.println("  · " + line);
    }
    out.flush();
  }

  private void endProgress() {
    if (lineOpen) {
      out.print(CLEAR_LINE);
      lineOpen = false;
    }
  }
}
