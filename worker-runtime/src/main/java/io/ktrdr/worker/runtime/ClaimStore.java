package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.protocol.WorkerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Who runs what: the claims in table {@code runs}. All times are the database's. Thread-safe. */
final class ClaimStore {

  /** A pulse of the leases' clock older than this says nothing about silence. */
  static final Duration PULSE_FRESH = Duration.ofSeconds(12);

  /** A claim that loses a race is decided anew, from what the winner left. */
  private static final int TRIES_MAX = 10;

  /**
   * Claims and tells, in one statement and so in one round trip and one commit.
   *
   * <p>The row lock on the operation is what an uncommitted cancel conflicts with: whoever comes
   * second waits and sees what the first did. The other parts see the statement's snapshot, and a
   * claim that this makes stale breaks one of the unique indexes of {@code runs}.
   */
  private static final String CLAIM =
      """
      with operation as (
        select status, spec, max_attempts, settled_attempt, attempts_forgiven, demand,
               demand is null
                 or (coalesce((demand ->> 'min_cores')::int, 0) <= :cores
                     and coalesce((demand ->> 'min_memory_gb')::int, 0) <= :memory
                     and (:gpu or not coalesce((demand ->> 'requires_gpu')::boolean, false)))
                 as fits,
               exists (select from dispatch_controls c
                       where c.scope in ('*', operations.type) and not c.dispatching) as held,
               coalesce(next_attempt_at > clock_timestamp(), false) as not_yet,
               run_timeout_seconds, progress_timeout_seconds
        from operations
        where id = :id
        for key share
      ), latest as (
        select run_id, attempt, worker_id, worker_instance, endpoint_url, outcome, end_event
        from runs
        where operation_id = :id
        order by attempt desc
        limit 1
      ), spent as (
        select count(*) as attempts
        from runs, operation
        where operation_id = :id and outcome in ('failed', 'lost')
          and attempt > attempts_forgiven
      ), claimed as (
        insert into runs (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url)
        select :run, :id, coalesce((select attempt from latest), 0) + 1,
               :worker, :instance, :endpoint
        from operation, spent
        where operation.status in ('pending', 'running')
          and operation.fits and not operation.held and not operation.not_yet
          and spent.attempts < operation.max_attempts
          and not exists (
            select from latest
            where latest.outcome is null
               or (latest.end_event is not null and latest.attempt > operation.settled_attempt))
        on conflict do nothing
        returning attempt
      )
      select operation.*, spent.attempts as spent_attempts, latest.run_id, latest.attempt,
             latest.worker_id, latest.worker_instance, latest.endpoint_url, latest.outcome,
             latest.end_event, claimed.attempt as claimed_attempt
      from operation cross join spent left join latest on true left join claimed on true
      """;

  private final Jdbi jdbi;
  private final WorkerId workerId;
  private final UUID instanceId;
  private final String endpointUrl;
  private final Capabilities capabilities;

  ClaimStore(
      Jdbi jdbi,
      WorkerId workerId,
      UUID instanceId,
      String endpointUrl,
      Capabilities capabilities) {
    this.jdbi = jdbi;
    this.workerId = workerId;
    this.instanceId = instanceId;
    this.endpointUrl = endpointUrl;
    this.capabilities = capabilities;
  }

  /** Decides what to do with a delivered operation, claiming it when it is free. */
  Claim claim(OperationId id) {
    for (int tries = 1; tries <= TRIES_MAX; tries++) {
      Optional<Claim> decided = claimOnce(id, RunId.create());
      if (decided.isPresent()) {
        return decided.get();
      }
    }
    throw new IllegalStateException(
        "%d claims of %s lost their race, and nobody won".formatted(TRIES_MAX, id));
  }

  /** Empty when the claim lost a race. */
  private Optional<Claim> claimOnce(OperationId id, RunId runId) {
    Optional<Answer> answer =
        jdbi.withHandle(handle ->
            handle
                .createQuery(CLAIM)
                .bind("id", id.value())
                .bind("run", runId.value())
                .bind("worker", workerId.value())
                .bind("instance", instanceId)
                .bind("endpoint", endpointUrl)
                .bind("cores", capabilities.cores())
                .bind("memory", capabilities.memoryGb())
                .bind("gpu", capabilities.gpu().isPresent())
                .map((rs, _) -> Answer.of(rs))
                .findOne());
    if (answer.isEmpty()) {
      return Optional.of(new Claim.Unknown());
    }
    Answer found = answer.get();
    return found.claimedAttempt() > 0
        ? Optional.of(readable(found, id, runId, found.claimedAttempt()))
        : notClaimed(found, id);
  }

  private Optional<Claim> notClaimed(Answer found, OperationId id) {
    if (found.status().isTerminal()) {
      return Optional.of(new Claim.AlreadyEnded(found.status()));
    }
    Latest latest = found.latest();
    if (latest != null && latest.open()) {
      return Optional.of(
          latest.instance().equals(instanceId)
              ? readable(found, id, latest.runId(), latest.attempt())
              : new Claim.HeldByAnother(
                  latest.runId(),
                  latest.workerId(),
                  latest.instance().toString(),
                  latest.endpointUrl()));
    }
    if (latest != null && latest.endEvent() != null && latest.attempt() > found.settledAttempt()) {
      return Optional.of(new Claim.EndNotPublished(latest.endEvent()));
    }
    if (found.status() == OperationStatus.CANCELLING) {
      return Optional.of(new Claim.Cancelling());
    }
    if (found.notYet()) {
      return Optional.of(new Claim.NotYet());
    }
    if (found.held()) {
      return Optional.of(new Claim.Held());
    }
    if (found.unmetDemand() != null) {
      return Optional.of(new Claim.TooDemanding(found.unmetDemand()));
    }
    if (found.spentAttempts() >= found.maxAttempts()) {
      return Optional.of(new Claim.NoAttemptLeft(found.spentAttempts()));
    }
    return Optional.empty();
  }

  private Claim readable(Answer found, OperationId id, RunId runId, int attempt) {
    try {
      OperationSpec spec = Json.mapper().readValue(found.spec(), OperationSpec.class);
      return new Claim.Claimed(id, runId, attempt, spec, found.limits());
    } catch (JsonProcessingException e) {
      withdraw(runId);
      return new Claim.Unreadable(e.getOriginalMessage());
    }
  }

  /** A claim nothing was done with, and nobody has heard of, never was. */
  private void withdraw(RunId runId) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("delete from runs where run_id = :run and ended_at is null")
            .bind("run", runId.value())
            .execute());
  }

  /** True when there is such an operation. */
  boolean exists(OperationId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select exists (select from operations where id = :id)")
            .bind("id", id.value())
            .mapTo(Boolean.class)
            .one());
  }

  /**
   * Ends another worker's run if its heartbeat has been missing for longer than the lease, while
   * the database was known to be there to take it.
   *
   * @return the reason, as it is in the run now; empty when the run goes on
   */
  Optional<String> endIfSilent(RunId runId) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                update runs
                set ended_at = now(), outcome = 'lost',
                    reason = format('worker %s stopped heartbeating %s s ago', worker_id,
                                    round(extract(epoch from lease_silence(last_heartbeat_at))))
                where run_id = :run and ended_at is null
                  and lease_silence(last_heartbeat_at) > make_interval(secs => :lease)
                  and exists (select from lease_clock
                              where clock_timestamp() - last_pulse_at
                                    < make_interval(secs => :fresh))
                returning reason
                """)
            .bind("run", runId.value())
            .bind("lease", (double) RunLease.DURATION.toSeconds())
            .bind("fresh", (double) PULSE_FRESH.toSeconds())
            .mapTo(String.class)
            .findOne());
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

  /** The operation's last run, as the statement saw it. */
  private record Latest(
      RunId runId,
      int attempt,
      String workerId,
      UUID instance,
      String endpointUrl,
      boolean open,
      @Nullable String endEvent) {}

  /**
   * The statement's one row.
   *
   * @param unmetDemand null when this worker can hold it
   * @param claimedAttempt 0 when nothing was claimed
   */
  private record Answer(
      OperationStatus status,
      String spec,
      int maxAttempts,
      int settledAttempt,
      boolean notYet,
      boolean held,
      @Nullable String unmetDemand,
      Claim.Limits limits,
      int spentAttempts,
      @Nullable Latest latest,
      int claimedAttempt) {

    static Answer of(ResultSet rs) throws SQLException {
      return new Answer(
          OperationStatus.parse(rs.getString("status")),
          rs.getString("spec"),
          rs.getInt("max_attempts"),
          rs.getInt("settled_attempt"),
          rs.getBoolean("not_yet"),
          rs.getBoolean("held"),
          rs.getBoolean("fits") ? null : rs.getString("demand"),
          new Claim.Limits(
              seconds(rs, "run_timeout_seconds"), seconds(rs, "progress_timeout_seconds")),
          rs.getInt("spent_attempts"),
          latestOf(rs),
          rs.getInt("claimed_attempt"));
    }

    private static @Nullable Latest latestOf(ResultSet rs) throws SQLException {
      String runId = rs.getString("run_id");
      return runId == null
          ? null
          : new Latest(
              RunId.parse(runId),
              rs.getInt("attempt"),
              rs.getString("worker_id"),
              UUID.fromString(rs.getString("worker_instance")),
              rs.getString("endpoint_url"),
              rs.getString("outcome") == null,
              rs.getString("end_event"));
    }

    private static Optional<Duration> seconds(ResultSet rs, String column) throws SQLException {
      int seconds = rs.getInt(column);
      return rs.wasNull() ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
    }
  }
}
