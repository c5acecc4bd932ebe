package io.ktrdr.protocol.amqp;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits between tries: doubling up to a limit, each drawn from its upper half so that many clients
 * of a broker that restarts do not come back at the same moment. Confined to one thread.
 */
final class Backoff {

  private final Duration first;
  private final Duration max;
  private Duration current;

  Backoff(Duration first, Duration max) {
    this.first = first;
    this.max = max;
    this.current = first;
  }

  /** The next wait; never above the limit. */
  Duration next() {
    long half = current.toMillis() / 2;
    Duration wait = Duration.ofMillis(half + ThreadLocalRandom.current().nextLong(half + 1));
    Duration doubled = current.multipliedBy(2);
    current = doubled.compareTo(max) < 0 ? doubled : max;
    return wait;
  }

  /** It worked: start over. */
  void reset() {
    current = first;
  }
}
