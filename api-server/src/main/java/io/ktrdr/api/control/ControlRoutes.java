package io.ktrdr.api.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.api.operation.OperationViewStore;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;

/**
 * {@code DELETE /api/v1/operations/{id}} and {@code POST …/cancel}, {@code POST …/retry}, {@code
 * POST …/resume}.
 */
public final class ControlRoutes implements Routes {

  private static final int REASON_CHARACTERS_MAX = 500;

  /** How long an answer waits for the run to say how it ended. */
  private static final Duration OUTCOME_WAIT = Duration.ofSeconds(2);

  private static final Duration OUTCOME_POLL = Duration.ofMillis(100);

  private final Jdbi jdbi;
  private final CancelOperation cancel;
  private final RetryOperation retry;
  private final OperationViewStore operations;
  private final OutboxRelay relay;

  public ControlRoutes(
      Jdbi jdbi,
      CancelOperation cancel,
      RetryOperation retry,
      OperationViewStore operations,
      OutboxRelay relay) {
    this.jdbi = jdbi;
    this.cancel = cancel;
    this.retry = retry;
    this.operations = operations;
    this.relay = relay;
  }

  @Override
  public void register(RouteTable routes) {
    routes.delete("/api/v1/operations/{id}", Access.RESEARCHER, this::cancel);
    routes.post("/api/v1/operations/{id}/cancel", Access.RESEARCHER, this::cancel);
    routes.post(
        "/api/v1/operations/{id}/retry",
        Access.RESEARCHER,
        ctx -> again(ctx, RetryOperation.From.THE_START));
    routes.post(
        "/api/v1/operations/{id}/resume",
        Access.RESEARCHER,
        ctx -> again(ctx, RetryOperation.From.CHECKPOINT));
  }

  private void cancel(Context ctx) {
    OperationId id = id(ctx);
    switch (cancel.cancel(HttpServer.actor(ctx), id, reason(ctx))) {
      case CancelOperation.Answer.Unknown() -> throw unknown(ctx);
      case CancelOperation.Answer.EndedBefore(OperationStatus status) -> throw ended(id, status);
      case CancelOperation.Answer.Cancelled(), CancelOperation.Answer.Cancelling() -> {
        Operation now = awaitOutcome(id);
        switch (now.status()) {
          case COMPLETED, FAILED -> throw ended(id, now.status());
          case PENDING, RUNNING, CANCELLING, CANCELLED -> answerCancelled(ctx, now);
        }
      }
    }
  }

  /** The operation when it has ended, or as it is when waiting any longer would be impolite. */
  private Operation awaitOutcome(OperationId id) {
    long deadline = System.nanoTime() + OUTCOME_WAIT.toNanos();
    while (true) {
      Operation now = jdbi.withHandle(handle -> operations.find(handle, id)).orElseThrow();
      if (now.status().isTerminal() || System.nanoTime() > deadline) {
        return now;
      }
      LockSupport.parkNanos(OUTCOME_POLL.toNanos());
    }
  }

  private static void answerCancelled(Context ctx, Operation operation) {
    boolean done = operation.status() == OperationStatus.CANCELLED;
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("operation_id", operation.id().value())
            .put("status", operation.status().wireName())
            .put("cancelled_at", done ? String.valueOf(operation.completedAt()) : null)
            .put("cancellation_reason", done ? operation.errorMessage() : operation.cancelReason())
            .put(
                "message",
                done
                    ? "Operation cancelled"
                    : "The run has been asked to stop; GET the operation to see how it ends");
    HttpServer.json(ctx, json);
    ctx.header("Location", "/api/v1/operations/" + operation.id());
    ctx.status(done ? 200 : 202);
  }

  private void again(Context ctx, RetryOperation.From from) {
    OperationId id = id(ctx);
    switch (retry.retry(HttpServer.actor(ctx), id, from)) {
      case RetryOperation.Answer.Unknown() -> throw unknown(ctx);
      case RetryOperation.Answer.NoCheckpoint() ->
          throw new ProblemException(
              404,
              "CHECKPOINT_UNKNOWN",
              "Operation %s has no checkpoint to resume from. To begin anew: POST /api/v1/operations/%s/retry"
                  .formatted(id, id));
      case RetryOperation.Answer.Refused(OperationStatus status) ->
          throw new ProblemException(
              409,
              status == OperationStatus.COMPLETED ? "OPERATION_ENDED" : "OPERATION_ACTIVE",
              "Operation %s is %s; only failed and cancelled operations can be tried again."
                  .formatted(id, status.wireName()));
      case RetryOperation.Answer.Pending() -> {
        relay.wake();
        HttpServer.json(
            ctx,
            Json.mapper()
                .createObjectNode()
                .put("success", true)
                .put("operation_id", id.value())
                .put("status", OperationStatus.PENDING.wireName())
                .put("message", "The operation waits for a worker"));
        ctx.header("Location", "/api/v1/operations/" + id);
        ctx.status(202);
      }
    }
  }

  private static String reason(Context ctx) {
    RequestBody body = RequestBody.of(RequestBody.jsonOrNothing(ctx), Set.of("reason", "force"));
    String reason = body.text("reason").orElse("cancelled by user");
    if (reason.length() > REASON_CHARACTERS_MAX) {
      body.error(
          "reason", "PARAM_RANGE", "is longer than %d characters".formatted(REASON_CHARACTERS_MAX));
    }
    body.throwIfInvalid();
    return reason;
  }

  private static OperationId id(Context ctx) {
    try {
      return OperationId.parse(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw unknown(ctx);
    }
  }

  private static ProblemException unknown(Context ctx) {
    return new ProblemException(
        404, "OPERATION_UNKNOWN", "There is no operation " + ctx.pathParam("id"));
  }

  private static ProblemException ended(OperationId id, OperationStatus status) {
    return new ProblemException(
        409, "OPERATION_ENDED", "Operation %s is %s already.".formatted(id, status.wireName()));
  }
}
