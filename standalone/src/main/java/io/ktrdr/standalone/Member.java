package io.ktrdr.standalone;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * One watched process: how to start it again, and how patiently. Used by the supervisor's thread
 * only.
 */
final class Member {

  private static final Duration BACKOFF_FIRST = Duration.ofSeconds(1);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

  /** One that ran this long has earned a quick restart again. */
  private static final Duration HEALTHY_AFTER = Duration.ofSeconds(60);

  private final int port;
  private final Supplier<OwnedProcess> again;
  private final boolean mayLeave;
  private OwnedProcess process;
  private int restarts;
  private int quickDeaths;
  private long startedNanos = System.nanoTime();
  private long restartAtNanos;
  private boolean waiting;
  private boolean left;

  /**
   * @param again starts it again after it died
   * @param mayLeave exit code 0 means that it was meant to end, and is not started again
   */
  Member(OwnedProcess process, int port, Supplier<OwnedProcess> again, boolean mayLeave) {
    this.process = process;
    this.port = port;
    this.again = again;
    this.mayLeave = mayLeave;
  }

  String name() {
    return process.name();
  }

  OwnedProcess process() {
    return process;
  }

  RunState.Member state() {
    return new RunState.Member(
        process.name(), port, restarts, left, process.record(), process.log().toString());
  }

  /**
   * Looks after it once: notices a death, and starts it again when its backoff is over.
   *
   * @return whether something changed
   */
  boolean tend(Narrator narrator) {
    if (left || process.isAlive()) {
      return false;
    }
    if (!waiting && mayLeave && process.exitCode().orElse(-1) == 0) {
      left = true;
      narrator.say(
          "  %s (pid %d) ended in good order, drained or stopped; it is not started again."
              .formatted(name(), process.pid()));
      return true;
    }
    if (!waiting) {
      Duration wait = backoff();
      waiting = true;
      restartAtNanos = System.nanoTime() + wait.toNanos();
      narrator.say(
          "! %s (pid %d) ended with exit code %d; starting it again in %d s. Its log: %s"
              .formatted(
                  name(),
                  process.pid(),
                  process.exitCode().orElse(-1),
                  wait.toSeconds(),
                  process.log()));
      return true;
    }
    if (System.nanoTime() < restartAtNanos) {
      return false;
    }
    restart(narrator);
    return true;
  }

  private Duration backoff() {
    boolean wasHealthy = System.nanoTime() - startedNanos > HEALTHY_AFTER.toNanos();
    quickDeaths = wasHealthy ? 0 : quickDeaths + 1;
    return backoff(quickDeaths);
  }

  /** 1 s, 2 s, 4 s … 30 s for the first, second, third … death in a row. */
  static Duration backoff(int deathsInARow) {
    int doublings = Math.clamp(deathsInARow - 1, 0, 10);
    Duration wait = BACKOFF_FIRST.multipliedBy(1L << doublings);
    return wait.compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : wait;
  }

  private void restart(Narrator narrator) {
    waiting = false;
    startedNanos = System.nanoTime();
    restarts++;
    try {
      process = again.get();
      narrator.say("  %s runs again (pid %d)".formatted(name(), process.pid()));
    } catch (StandaloneException e) {
      narrator.say("! " + name() + " could not be started again: " + e.getMessage());
    }
  }
}
