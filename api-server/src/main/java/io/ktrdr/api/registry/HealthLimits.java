package io.ktrdr.api.registry;

import io.ktrdr.protocol.RunLease;
import java.time.Duration;
import java.time.Instant;

/**
 * From which silence on a worker's health check counts as failed, and when the worker is given up.
 *
 * @param slack silence that is none: a heartbeat may be a little late
 * @param interval how often health is checked; what another failure stands for
 * @param removal from the last sign of life to the removal from the registry
 */
public record HealthLimits(Duration slack, Duration interval, Duration removal) {

  /** With so many failures a worker is unavailable. */
  static final int FAILURES_MAX = 3;

  /** How late a heartbeat may be. */
  private static final Duration LATENESS = Duration.ofSeconds(2);

  /** For workers that send heartbeats as they should. */
  public static HealthLimits of(Duration interval, Duration removal) {
    return new HealthLimits(RunLease.HEARTBEAT_INTERVAL.plus(LATENESS), interval, removal);
  }

  /** How many checks in a row have failed: 0 to {@value #FAILURES_MAX}. */
  int failures(Duration silence) {
    Duration overdue = silence.minus(slack);
    return overdue.isNegative() || overdue.isZero()
        ? 0
        : (int) Math.min(FAILURES_MAX, 1 + overdue.dividedBy(interval));
  }

  /** The silence from which on a worker is unavailable. */
  public Duration unavailableAfter() {
    return slack.plus(interval.multipliedBy(FAILURES_MAX - 1));
  }

  Instant unavailableSince(Instant seen) {
    return seen.plus(unavailableAfter());
  }

  Instant removalAt(Instant seen) {
    return seen.plus(removal);
  }
}
