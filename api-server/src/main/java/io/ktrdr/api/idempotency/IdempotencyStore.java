package io.ktrdr.api.idempotency;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.protocol.OperationId;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The table {@code idempotency_keys}. Every method works in the caller's transaction. */
public final class IdempotencyStore {

  /** How long a key is remembered; after that it may be used for something else. */
  public static final Duration REMEMBERED = Duration.ofHours(24);

  /**
   * What was answered the first time.
   *
   * @param json to the byte
   */
  public record Answered(OperationId operation, String json) {}

  private record Used(String fingerprint, Answered answered) {}

  /**
   * The answer this request got before; empty when its key is new.
   *
   * @throws ProblemException 422 {@code IDEMPOTENCY_KEY_REUSED} when the key was used for another
   *     request
   */
  public Optional<Answered> answered(Handle handle, IdempotentRequest request) {
    Optional<Used> used =
        handle
            .createQuery(
                """
                select fingerprint, operation_id, answer from idempotency_keys
                where key = :key and route = :route
                  and created_at > now() - make_interval(hours => :hours)
                """)
            .bind("key", request.key().value())
            .bind("route", request.route())
            .bind("hours", (int) REMEMBERED.toHours())
            .map((rs, _) ->
                new Used(
                    rs.getString("fingerprint"),
                    new Answered(
                        OperationId.parse(rs.getString("operation_id")), rs.getString("answer"))))
            .findOne();
    if (used.isPresent() && !used.get().fingerprint().equals(request.fingerprint().hex())) {
      throw new ProblemException(
          422,
          "IDEMPOTENCY_KEY_REUSED",
          "This %s was used for another request, which became %s. Send a new key with a new request."
              .formatted(IdempotencyKey.HEADER, used.get().answered().operation()));
    }
    return used.map(Used::answered);
  }

  /** Until the caller's transaction ends, nobody else gets past this with the same key. */
  public void lock(Handle handle, IdempotentRequest request) {
    handle
        .createQuery("select 1 from (select pg_advisory_xact_lock(hashtextextended(:what, 0))) l")
        .bind("what", "idempotency " + request.route() + " " + request.key().value())
        .mapTo(Integer.class)
        .one();
  }

  /** Keeps the answer for whoever asks again. The caller holds the {@link #lock}. */
  public void keep(Handle handle, IdempotentRequest request, Answered answered) {
    handle
        .createUpdate(
            """
            insert into idempotency_keys (key, route, fingerprint, operation_id, answer)
            values (:key, :route, :fingerprint, :operation, :answer::json)
            on conflict (key, route) do update
              set fingerprint = excluded.fingerprint, operation_id = excluded.operation_id,
                  answer = excluded.answer, created_at = now()
            """)
        .bind("key", request.key().value())
        .bind("route", request.route())
        .bind("fingerprint", request.fingerprint().hex())
        .bind("operation", answered.operation().value())
        .bind("answer", answered.json())
        .execute();
  }

  /**
   * Forgets keys that are no longer remembered.
   *
   * @param max most keys to forget
   * @return how many were
   */
  public int prune(Handle handle, int max) {
    return handle
        .createUpdate(
            """
            delete from idempotency_keys where (key, route) in (
              select key, route from idempotency_keys
              where created_at <= now() - make_interval(hours => :hours)
              order by created_at limit :max)
            """)
        .bind("hours", (int) REMEMBERED.toHours())
        .bind("max", max)
        .execute();
  }
}
