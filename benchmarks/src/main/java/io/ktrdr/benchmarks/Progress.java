package io.ktrdr.benchmarks;

import java.io.PrintStream;

/** Says what is being measured: lines, and a bar that stays on one line where somebody watches. */
final class Progress {

  private static final int WIDTH = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean interactive;
  private boolean barOpen;

  Progress(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  synchronized void say(String line) {
    clear();
    out.println(line);
    out.flush();
  }

  /** Shows how far something is; shows nothing where nobody watches. */
  synchronized void bar(String what, double fraction) {
    if (interactive) {
      int filled = (int) Math.round(WIDTH * Math.clamp(fraction, 0, 1));
      out.print(
          CLEAR_LINE
              + "  %-34s [%s%s] %3d %%"
                  .formatted(
                      what,
                      "█".repeat(filled),
                      "·".repeat(WIDTH - filled),
                      Math.round(100 * Math.clamp(fraction, 0, 1))));
      out.flush();
      barOpen = true;
    }
  }

  private void clear() {
    if (barOpen) {
      out.print(CLEAR_LINE);
      barOpen = false;
    }
  }
}
