package io.ktrdr.system.fault;

import java.util.Arrays;

/**
 * What a scripted operation does. Tests choose one by the operation's initial capital, which the
 * scripted worker reads again; its length is the number of days of the operation's range.
 */
enum Script {
  /** Does its steps and completes. */
  STEPS(1001),
  /** Kills its JVM half-way, in every attempt. */
  CRASH(1002),
  /** Fails half-way in a way that may be tried again, until its third attempt. */
  TRANSIENT(1003),
  /** Fails half-way for good. */
  PERMANENT(1004),
  /** Never ends from half-way on, and ignores interrupts. */
  HANG(1005),
  /** Never ends and reports nothing, but stops when told to. */
  SILENT(1006),
  /** Kills its JVM half-way in its first attempt only. */
  CRASH_ONCE(1007);

  private final int capital;

  Script(int capital) {
    this.capital = capital;
  }

  /** The initial capital that stands for this script. */
  int capital() {
    return capital;
  }

  static Script of(int capital) {
    return Arrays.stream(values())
        .filter(script -> script.capital() == capital)
        .findFirst()
        .orElse(STEPS);
  }
}
