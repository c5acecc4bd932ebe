package io.ktrdr.api.registry;

import io.ktrdr.protocol.InstanceProbe;
import io.ktrdr.protocol.RunLease;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a worker its row. Two living processes never share an id: a row of another process is taken
 * over only when that process is dead for certain, or has been silent for longer than the lease.
 * Thread-safe.
 */
final class RegisterWorker {

  /** How often it looks again when somebody else writes the row at the same time. */
  private static final int TRIES_MAX = 3;

  private static final Duration CONTENTION_RETRY_AFTER = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(RegisterWorker.class);

  private final Jdbi jdbi;
  private final WorkerRegistryStore workers;
  private final InstanceProbe probe;

  RegisterWorker(Jdbi jdbi, WorkerRegistryStore workers, InstanceProbe probe) {
    this.jdbi = jdbi;
    this.workers = workers;
    this.probe = probe;
  }

  /** What came of it. */
  sealed interface Answer {

    /** The row is the worker's. */
    record Registered() implements Answer {}

    /** A living process has the id. */
    record InUse(String detail) implements Answer {}

    /** Whether the process that has the id lives cannot be told yet. */
    record Uncertain(String detail, Duration retryAfter) implements Answer {}
  }

  Answer register(Registration worker) throws InterruptedException {
    String id = worker.workerId().value();
    boolean verified =
        probe.ask(worker.endpointUrl(), worker.instanceId()) == InstanceProbe.Answer.ALIVE;
    if (!verified) {
      LOG.warn(
          "Worker {} cannot be reached at {}: if it dies, its operation moves when its lease is"
              + " over, not at once. WORKER_ENDPOINT_URL sets another address",
          id,
          worker.endpointUrl());
    }
    for (int i = 0; i < TRIES_MAX; i++) {
      Optional<RegisteredWorker> other =
          jdbi.withHandle(handle -> workers.find(handle, id))
              .filter(found -> !found.instanceId().equals(worker.instanceId()));
      if (other.isPresent()) {
        Optional<Answer> refusal = refusal(other.get());
        if (refusal.isPresent()) {
          return refusal.get();
        }
      }
      Optional<UUID> predecessor = other.map(RegisteredWorker::instanceId);
      if (jdbi.inTransaction(handle -> workers.register(handle, worker, verified, predecessor))) {
        LOG.info("Worker registered: {}", id);
        return new Answer.Registered();
      }
    }
    return new Answer.Uncertain(
        "Several processes register as worker '%s' at the same time.".formatted(id),
        CONTENTION_RETRY_AFTER);
  }

  /** What is known of a process that has, or had, a worker's id. */
  InstanceProbe.Answer ask(String workerId, UUID instance) throws InterruptedException {
    Optional<RegisteredWorker> row = jdbi.withHandle(handle -> workers.find(handle, workerId));
    if (row.isEmpty()) {
      return InstanceProbe.Answer.UNKNOWN;
    }
    // Its id was taken over, which only a dead process, or one silent for a lease, leaves behind.
    return row.get().instanceId().equals(instance) ? ask(row.get()) : InstanceProbe.Answer.DEAD;
  }

  /** Silence at an address says something only if the process was once heard there. */
  private InstanceProbe.Answer ask(RegisteredWorker worker) throws InterruptedException {
    InstanceProbe.Answer answer = probe.ask(worker.endpointUrl(), worker.instanceId());
    return answer == InstanceProbe.Answer.DEAD && !worker.endpointVerified()
        ? InstanceProbe.Answer.UNKNOWN
        : answer;
  }

  /** Why the row cannot be taken over; empty when it can. */
  private Optional<Answer> refusal(RegisteredWorker other) throws InterruptedException {
    return switch (ask(other)) {
      case DEAD -> Optional.empty();
      case ALIVE ->
          Optional.of(
              new Answer.InUse(
                  ("Worker id '%s' is in use: a process of that name lives and answers at %s. Give"
                          + " this one another WORKER_ID, or stop the other.")
                      .formatted(other.workerId(), other.endpointUrl())));
      case UNKNOWN ->
          other.alive()
              ? Optional.of(
                  new Answer.Uncertain(
                      ("Worker id '%s' may be in use: nobody answers at %s, but the last heartbeat"
                              + " is only %d s old. It is free when none comes for %d s.")
                          .formatted(
                              other.workerId(),
                              other.endpointUrl(),
                              other.silence().toSeconds(),
                              RunLease.DURATION.toSeconds()),
                      // One more: a fraction of a second would be rounded down.
                      RunLease.DURATION.minus(other.silence()).plusSeconds(1)))
              : Optional.empty();
    };
  }
}
