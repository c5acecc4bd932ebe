package io.ktrdr.system.fault;

import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What happens in a random run: a pure function of its seed, so that a run that found something can
 * be had again. Times are offsets from the beginning, ascending.
 *
 * @param operations what is submitted, and when
 * @param faults what breaks, and when
 */
record RandomPlan(List<Submission> operations, List<Break> faults) {

  private static final int STEPS_LEAST = 4;
  private static final int STEPS_MOST = 160;

  private static final Duration GAP_LEAST = Duration.ofSeconds(4);
  private static final Duration GAP_MOST = Duration.ofSeconds(14);

  /** Some beyond a lease, most within. */
  private static final Duration PAUSE_MOST = Duration.ofSeconds(30);

  /**
   * One operation.
   *
   * @param cancelAfter cancelled so long after it was accepted; zero for never
   */
  record Submission(
      Duration at, OperationType type, Script script, int steps, Duration cancelAfter) {}

  /** What can break. */
  enum Kind {
    WORKER_KILLED(5),
    WORKER_FROZEN(3),
    WORKER_STOPPED(2),
    API_KILLED(2),
    BROKER_KILLED(1),
    BROKER_CONNECTIONS_CLOSED(2),
    DATABASE_KILLED(1),
    DATABASE_CONNECTIONS_ENDED(2),
    QUEUE_DELETED(1);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /**
   * One fault.
   *
   * @param target which of several, modulo how many there are
   * @param pause how long it lasts, for those that last
   */
  record Break(Duration at, Kind kind, int target, Duration pause) {}

  /** Copies its lists. */
  RandomPlan {
    operations = List.copyOf(operations);
    faults = List.copyOf(faults);
  }

  /** The plan of a seed; both parts are over when the length is. */
  static RandomPlan of(long seed, Duration length, int operations) {
    Random random = new Random(seed);
    return new RandomPlan(operations(random, length, operations), faults(random, length));
  }

  private static List<Submission> operations(Random random, Duration length, int count) {
    List<Duration> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      times.add(Duration.ofMillis(random.nextLong(length.toMillis())));
    }
    times.sort(null);
    List<Submission> operations = new ArrayList<>();
    for (Duration at : times) {
      OperationType type =
          random.nextInt(3) == 0 ? OperationType.TRAINING : OperationType.BACKTESTING;
      Script script = script(random.nextInt(100));
      int steps = STEPS_LEAST + random.nextInt(STEPS_MOST - STEPS_LEAST);
      boolean cancelled = random.nextInt(10) == 0;
      Duration cancelAfter = Duration.ofMillis(1 + random.nextLong(4_000));
      operations.add(
          new Submission(at, type, script, steps, cancelled ? cancelAfter : Duration.ZERO));
    }
    return operations;
  }

  private static Script script(int percent) {
    if (percent < 84) {
      return Script.STEPS;
    }
    if (percent < 91) {
      return Script.TRANSIENT;
    }
    if (percent < 95) {
      return Script.PERMANENT;
    }
    return percent < 98 ? Script.CRASH_ONCE : Script.CRASH;
  }

  private static List<Break> faults(Random random, Duration length) {
    List<Break> faults = new ArrayList<>();
    Duration at = between(random, GAP_LEAST, GAP_MOST);
    while (at.compareTo(length) < 0) {
      faults.add(
          new Break(
              at, kind(random), random.nextInt(1_000), between(random, Duration.ZERO, PAUSE_MOST)));
      at = at.plus(between(random, GAP_LEAST, GAP_MOST));
    }
    return faults;
  }

  private static Kind kind(Random random) {
    int total = 0;
    for (Kind kind : Kind.values()) {
      total += kind.weight;
    }
    int drawn = random.nextInt(total);
    for (Kind kind : Kind.values()) {
      drawn -= kind.weight;
      if (drawn < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("weights do not add up");
  }

  private static Duration between(Random random, Duration least, Duration most) {
    return least.plusMillis(random.nextLong(most.minus(least).toMillis()));
  }
}
