package io.ktrdr.api.operation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often an operation of a type is tried, and how long it waits in between: the wait doubles
 * with every attempt up to a limit, and a fifth of it is random so that many operations that failed
 * together do not come back together.
 *
 * @param attemptsMax runs an operation may use up by failing or losing its worker; at least 1
 * @param firstWait before the second attempt
 * @param longestWait limit of the doubling
 */
public record RetryPolicy(int attemptsMax, Duration firstWait, Duration longestWait) {

  /** Three attempts, 5 s and 10 s apart. */
  public static final RetryPolicy STANDARD =
      new RetryPolicy(3, Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final double JITTER = 0.2;

  /** Doublings beyond this exceed any limit. */
  private static final int DOUBLINGS_MAX = 30;

  public RetryPolicy {
    requireNonNull(firstWait, "firstWait is null");
    requireNonNull(longestWait, "longestWait is null");
    if (attemptsMax < 1 || firstWait.isNegative() || longestWait.compareTo(firstWait) < 0) {
      throw new IllegalArgumentException(
          "attempts %d, first wait %s, longest wait %s"
              .formatted(attemptsMax, firstWait, longestWait));
    }
  }

  /**
   * The wait after so many attempts were used up.
   *
   * @param attemptsSpent at least 1
   */
  Duration waitAfter(int attemptsSpent, RandomGenerator random) {
    double factor = Math.pow(2, Math.min(attemptsSpent - 1, DOUBLINGS_MAX));
    double millis = Math.min(firstWait.toMillis() * factor, (double) longestWait.toMillis());
    return Duration.ofMillis(Math.round(millis * (1 - JITTER * random.nextDouble())));
  }
}
