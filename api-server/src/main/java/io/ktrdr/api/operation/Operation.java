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
 * @param dispatch of a pending one: {@code waiting for broker}, {@code queued}, {@code scheduled}
 *     for its next attempt; null for others
 * @param route routing key of its messages
 * @param submittedBy name of the token it was submitted with
 * @param demand what it asks of a worker; null = nothing special
 * @param noProgressSeconds since the last sign of progress; null unless running
 * @param result null unless completed, or cancelled with a partial one; also null in lists, which
 *     leave it out
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
    @Nullable String dispatch,
    @Nullable Instant nextAttemptAt,
    @Nullable Instant cancelRequestedAt,
    @Nullable String cancelReason,
    Timeouts timeouts,
    String route,
    String submittedBy,
    @Nullable JsonNode demand,
    @Nullable Long noProgressSeconds,
    @Nullable JsonNode result) {

  /** A run without a sign of progress for this long is shown as stalled. */
  public static final Duration STALLED_AFTER = Duration.ofMinutes(10);

  /** True when it runs and shows no sign of progress. */
  public boolean stalled() {
    return noProgressSeconds != null && noProgressSeconds >= STALLED_AFTER.toSeconds();
  }

  /**
   * What ends an operation that takes too long; null for no limit.
   *
   * @param queueSeconds from its acceptance, or from its last way back to the queue, to a start
   * @param runSeconds of one run
   * @param progressSeconds between two signs of progress of a run
   */
  public record Timeouts(
      @Nullable Integer queueSeconds,
      @Nullable Integer runSeconds,
      @Nullable Integer progressSeconds) {}
}
