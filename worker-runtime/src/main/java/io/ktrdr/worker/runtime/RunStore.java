package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code runs} as a worker sees it: claim, heartbeat, end. All times are the database's.
 * Thread-safe.
 */
final class RunStore {

  private final Jdbi jdbi;
  private final WorkerId workerId;
  private final UUID instanceId;
  private final String endpointUrl;

  RunStore(Jdbi jdbi, WorkerId workerId, UUID instanceId, String endpointUrl) {
    this.jdbi = jdbi;
    this.workerId = workerId;
    this.instanceId = instanceId;
    this.endpointUrl = endpointUrl;
  }

  private record OperationRow(
      OperationStatus status, String spec, int maxAttempts, int settledAttempt) {}

  private record RunRow(
      RunId runId,
      int attempt,
      String workerId,
      UUID instance,
      String endpointUrl,
      double silentSeconds,
      @Nullable String outcome,
      @Nullable String endEvent) {}

  /** Decides what to do with a delivered operation, claiming it when it is free. */
  Claim claim(OperationId id) {
    return jdbi.inTransaction(handle -> claim(handle, id));
  }

  private Claim claim(Handle handle, OperationId id) {
    Optional<OperationRow> found = operation(handle, id);
    if (found.isEmpty()) {
      return new Claim.Unknown();
    }
    OperationRow operation = found.get();
    if (operation.status().isTerminal()) {
      return new Claim.AlreadyEnded(operation.status());
    }
    Optional<RunRow> latest = latestRun(handle, id);
    if (latest.isPresent()) {
      RunRow run = latest.get();
      if (run.outcome() == null) {
        return openRun(operation, id, run);
      }
      if (run.endEvent() != null && run.attempt() > operation.settledAttempt()) {
        return new Claim.EndNotPublished(run.endEvent());
      }
    }
    int spent = attemptsSpent(handle, id);
    if (spent >= operation.maxAttempts()) {
      return new Claim.NoAttemptLeft(spent);
    }
    int attempt = latest.map(RunRow::attempt).orElse(0) + 1;
    RunId runId = RunId.create();
    if (!insert(handle, id, runId, attempt)) {
      // Somebody claimed it between the two statements: his run is visible now.
      return openRun(operation, id, latestRun(handle, id).orElseThrow());
    }
    return new Claim.Claimed(id, runId, attempt, spec(operation.spec()));
  }

  private Claim openRun(OperationRow operation, OperationId id, RunRow run) {
    return run.instance().equals(instanceId)
        ? new Claim.Claimed(id, run.runId(), run.attempt(), spec(operation.spec()))
        : new Claim.HeldByAnother(
            run.runId(),
            run.workerId(),
            run.instance().toString(),
            run.endpointUrl(),
            Duration.ofMillis((long) (run.silentSeconds() * 1000)));
  }

  private static Optional<OperationRow> operation(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select status, spec, max_attempts, settled_attempt from operations where id = :id
            """)
        .bind("id", id.value())
        .map((rs, _) ->
            new OperationRow(
                OperationStatus.parse(rs.getString("status")),
                rs.getString("spec"),
                rs.getInt("max_attempts"),
                rs.getInt("settled_attempt")))
        .findOne();
  }

  private static Optional<RunRow> latestRun(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select run_id, attempt, worker_id, worker_instance, endpoint_url, outcome, end_event,
                   extract(epoch from clock_timestamp() - last_heartbeat_at) as silent_seconds
            from runs
            where operation_id = :id
            order by attempt desc
            limit 1
            """)
        .bind("id", id.value())
        .map((rs, _) ->
            new RunRow(
                RunId.parse(rs.getString("run_id")),
                rs.getInt("attempt"),
                rs.getString("worker_id"),
                UUID.fromString(rs.getString("worker_instance")),
                rs.getString("endpoint_url"),
                rs.getDouble("silent_seconds"),
                rs.getString("outcome"),
                rs.getString("end_event")))
        .findOne();
  }

  private static int attemptsSpent(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select count(*) from runs where operation_id = :id and outcome in ('failed', 'lost')
            """)
        .bind("id", id.value())
        .mapTo(Integer.class)
        .one();
  }

  private boolean insert(Handle handle, OperationId id, RunId runId, int attempt) {
    return handle
            .createUpdate(
                """
                insert into runs
                  (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url)
                values (:run, :id, :attempt, :worker, :instance, :endpoint)
                on conflict do nothing
                """)
            .bind("run", runId.value())
            .bind("id", id.value())
            .bind("attempt", attempt)
            .bind("worker", workerId.value())
            .bind("instance", instanceId)
            .bind("endpoint", endpointUrl)
            .execute()
        == 1;
  }

  /** Ends another worker's run because that worker is dead. Does nothing if it ended meanwhile. */
  void endAsLost(RunId runId, String reason) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set ended_at = now(), outcome = 'lost', reason = :reason
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .bind("reason", reason)
            .execute());
  }

  /**
   * Says this run is alive.
   *
   * @return false when the run is no longer open: it was taken away and must stop
   */
  boolean heartbeat(RunId runId) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set last_heartbeat_at = now()
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .execute())
        == 1;
  }

  /**
   * Ends this run with its last event, which is thereby safe whatever becomes of this process.
   *
   * @param outcome completed, failed or cancelled
   * @return false when the run had been taken away: the event must not be sent
   */
  boolean end(RunId runId, String outcome, byte[] endEvent) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                update runs
                set ended_at = now(), outcome = :outcome, end_event = :event::jsonb
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .bind("outcome", outcome)
            .bind("event", new String(endEvent, StandardCharsets.UTF_8))
            .execute())
        == 1;
  }

  /** Gives this run back unfinished, without blame. */
  void release(RunId runId, String reason) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set ended_at = now(), outcome = 'released', reason = :reason
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .bind("reason", reason)
            .execute());
  }

  private static OperationSpec spec(String json) {
    try {
      return Json.mapper().readValue(json, OperationSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "this build cannot read the operation's spec: " + e.getOriginalMessage(), e);
    }
  }
}
