package io.ktrdr.api.fleet;

import io.ktrdr.api.db.SharedRead;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * What every submit has to know of the fleet, read at most about once a second however many ask.
 * Thread-safe.
 */
public final class FleetWatch {

  /** How old an answer may be; a decision made at another API process is obeyed as late. */
  static final Duration AGE_MAX = Duration.ofSeconds(1);

  private final Jdbi jdbi;
  private final FleetStore store = new FleetStore();
  private final Duration silenceMax;
  private final SharedRead<Question, Known> reads = new SharedRead<>(_ -> read());
  private volatile @Nullable Known known;
  private long changes;

  /**
   * @param silenceMax from which on a worker does not count
   */
  public FleetWatch(Jdbi jdbi, Duration silenceMax) {
    this.jdbi = jdbi;
    this.silenceMax = silenceMax;
  }

  private enum Question {
    ALL
  }

  /** An answer, and when it was asked for. */
  private record Known(FleetSnapshot snapshot, long askedNanos) {}

  /**
   * At most {@link #AGE_MAX} old.
   *
   * @throws JdbiException when the database is away
   */
  FleetSnapshot now() {
    Known last = known;
    if (last != null && System.nanoTime() - last.askedNanos() < AGE_MAX.toNanos()) {
      return last.snapshot();
    }
    return reads.ask(Question.ALL).snapshot();
  }

  /** True when no operation is accepted; while the database is away, as far as is known. */
  public boolean draining() {
    try {
      return now().draining();
    } catch (JdbiException e) {
      Known last = known;
      return last != null && last.snapshot().draining();
    }
  }

  /** Something was decided here: what is known is old. */
  synchronized void forget() {
    changes++;
    known = null;
  }

  /** What was read before a decision made meanwhile must not outlive it. */
  private synchronized void keep(Known now, long changesBefore) {
    if (changes == changesBefore) {
      known = now;
    }
  }

  private synchronized long changes() {
    return changes;
  }

  private Known read() {
    long changesBefore = changes();
    long asked = System.nanoTime();
    Known now =
        new Known(
            jdbi.withHandle(handle ->
                new FleetSnapshot(store.controls(handle), store.offers(handle, silenceMax))),
            asked);
    keep(now, changesBefore);
    return now;
  }
}
