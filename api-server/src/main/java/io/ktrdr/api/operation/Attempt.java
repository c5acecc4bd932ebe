package io.ktrdr.api.operation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of an operation as users see it.
 *
 * @param outcome {@code running}, {@code completed}, {@code failed}, {@code cancelled}, {@code
 *     lost} (its worker fell silent) or {@code released} (handed back without blame)
 * @param reason of every outcome but running and completed
 */
record Attempt(
    int attempt,
    String runId,
    String workerId,
    Instant startedAt,
    @Nullable Instant endedAt,
    String outcome,
    @Nullable String errorCode,
    @Nullable String reason,
    @Nullable Instant checkpointAt) {}
