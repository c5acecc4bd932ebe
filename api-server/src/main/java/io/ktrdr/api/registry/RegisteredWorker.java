package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.RunLease;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A worker's row.
 *
 * @param endpointVerified the process was once seen alive there
 * @param currentOperationSince when its run was claimed; null when idle, or not known yet
 * @param queues it is subscribed to
 * @param progressAgeSeconds since its run last advanced, at its last heartbeat; null when idle
 * @param draining it has been told to go, whether it has heard so or not
 * @param seenAt its last sign of life; when the database was away since, the end of that
 * @param silence since then, by the database's clock
 */
record RegisteredWorker(
    String workerId,
    String workerType,
    UUID instanceId,
    String endpointUrl,
    boolean endpointVerified,
    JsonNode capabilities,
    String version,
    @Nullable String currentOperationId,
    @Nullable Instant currentOperationSince,
    boolean subscribed,
    JsonNode queues,
    @Nullable Double progressAgeSeconds,
    @Nullable Long residentBytes,
    boolean draining,
    Instant registeredAt,
    Instant lastHeartbeatAt,
    Instant seenAt,
    Duration silence) {

  /** Its heartbeat is fresh enough for its run to be its own. */
  boolean alive() {
    return silence.compareTo(RunLease.DURATION) <= 0;
  }

  boolean busy() {
    return currentOperationId != null;
  }
}
