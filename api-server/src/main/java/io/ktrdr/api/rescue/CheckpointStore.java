package io.ktrdr.api.rescue;

import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Which checkpoints are needed no more. Every method works in the caller's transaction. */
public final class CheckpointStore {

  /** Nothing names the artifact {@code a}. */
  private static final String UNREFERENCED =
      """
       not exists (select 1 from runs r where r.checkpoint_sha256 = a.sha256)
       and not exists (select 1 from operation_artifacts oa where oa.sha256 = a.sha256)
       and not exists (select 1 from models m where m.sha256 = a.sha256)
      """;

  /** Artifacts that are no more. */
  record Removed(int count, long bytes) {}

  /**
   * Has runs forget the checkpoints that no attempt can go on from: of completed operations, of
   * attempts before a retry by hand, and of attempts after which a later one took its own.
   *
   * @return how many
   */
  int forget(Handle handle, int max) {
    return handle
        .createUpdate(
            """
            update runs set checkpoint_sha256 = null
            where run_id in (
              select r.run_id from runs r join operations o on o.id = r.operation_id
              where r.checkpoint_sha256 is not null
                and (o.status = 'completed'
                     or r.attempt <= o.restarted_after_attempt
                     or exists (select 1 from runs later
                                where later.operation_id = r.operation_id
                                  and later.attempt > r.attempt
                                  and later.checkpoint_sha256 is not null))
              limit :max
              for update of r skip locked)
            """)
        .bind("max", max)
        .execute();
  }

  /**
   * Removes artifacts that were stored as checkpoints only and that nothing names.
   *
   * @param unnoted what was stored less than this ago may be about to be named
   */
  Removed remove(Handle handle, Duration unnoted, int max) {
    // Two statements: what is locked cannot come to be named any more, nor be stored again; and the
    // second one sees what was named until then.
    List<String> locked =
        handle
            .createQuery(
                """
                select a.sha256 from artifacts a
                where a.checkpoint_stored_at < clock_timestamp() - make_interval(secs => :unnoted)
                  and
                """
                    + UNREFERENCED
                    + """
                    order by a.checkpoint_stored_at limit :max
                    for update of a skip locked
                    """)
            .bind("unnoted", unnoted.toSeconds())
            .bind("max", max)
            .mapTo(String.class)
            .list();
    if (locked.isEmpty()) {
      return new Removed(0, 0);
    }
    List<Long> sizes =
        handle
            .createQuery(
                "delete from artifacts a where a.sha256 = any(:locked) and"
                    + UNREFERENCED
                    + " returning a.size")
            .bindArray("locked", String.class, locked)
            .mapTo(Long.class)
            .list();
    return new Removed(sizes.size(), sizes.stream().mapToLong(Long::longValue).sum());
  }
}
