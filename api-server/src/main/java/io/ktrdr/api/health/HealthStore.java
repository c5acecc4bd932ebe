package io.ktrdr.api.health;

import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** How far the outbox is behind. Thread-safe. */
public final class HealthStore {

  private final Jdbi jdbi;

  public HealthStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Messages that are due and not yet with the broker.
   *
   * @param oldest since when the oldest of them is due; empty when none waits
   */
  public record Backlog(long waiting, Optional<Duration> oldest) {}

  Backlog backlog() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select count(*) as waiting,
                       extract(epoch from now() - min(available_at)) as oldest_seconds
                from outbox where published_at is null and available_at <= now()
                """)
            .map((rs, _) -> {
              double seconds = rs.getDouble("oldest_seconds");
              Optional<Duration> oldest =
                  rs.wasNull()
                      ? Optional.empty()
                      : Optional.of(Duration.ofMillis((long) (seconds * 1000)));
              return new Backlog(rs.getLong("waiting"), oldest);
            })
            .one());
  }
}
