package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation as users see it.
 *
 * @param workerId of the current or last run; null until one has started
 * @param duration from start to end, or until now by the database's clock; null until started
 * @param attempt 0 until a run has started
 * @param result null unless completed; also null in lists, which leave it out
 */
public record Operation(
    OperationId id,
    OperationType type,
    OperationStatus status,
    @Nullable String workerId,
    Instant createdAt,
    @Nullable Instant queuedAt,
    @Nullable Instant startedAt,
    @Nullable Instant completedAt,
    @Nullable Duration duration,
    JsonNode progress,
    @Nullable Instant progressAt,
    JsonNode metadata,
    int attempt,
    int maxAttempts,
    @Nullable String errorCode,
    @Nullable String errorMessage,
    JsonNode warnings,
    @Nullable JsonNode result) {}
