package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.fleet.SubmitGate;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.idempotency.IdempotencyKey;
import io.ktrdr.api.idempotency.IdempotentRequest;
import io.ktrdr.api.tracing.HttpTracingRoutes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.amqp.BrokerView;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * {@code POST /api/v1/backtests/start}, {@code /trainings/start}, and {@code /operations} for all
 * other types. With an {@code Idempotency-Key} the same request again, within a day, gets the first
 * one's answer.
 */
public final class SubmitRoutes implements Routes {

  private static final Set<String> BACKTEST_FIELDS =
      dataFields(
          "model_path",
          "strategy_name",
          "symbol",
          "timeframe",
          "start_date",
          "end_date",
          "initial_capital",
          SentStrategy.FIELD,
          "execution",
          "sizing",
          "commission",
          "slippage");
  private static final Set<String> TRAINING_FIELDS =
      dataFields(
          "strategy_name",
          SentStrategy.FIELD,
          "symbol",
          "symbols",
          "timeframe",
          "timeframes",
          "start_date",
          "end_date",
          "seed");
  private static final Set<String> JOB_FIELDS = fields(JobRequest.TYPE, JobRequest.PARAMETERS);

  private final BacktestRequest backtests;
  private final TrainingRequest trainings;
  private final JobRequest jobs;
  private final SubmitOperation submit;
  private final SubmitGate gate;
  private final BrokerView broker;

  public SubmitRoutes(
      BacktestRequest backtests,
      TrainingRequest trainings,
      JobRequest jobs,
      SubmitOperation submit,
      SubmitGate gate,
      BrokerView broker) {
    this.backtests = backtests;
    this.trainings = trainings;
    this.jobs = jobs;
    this.submit = submit;
    this.gate = gate;
    this.broker = broker;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/api/v1/backtests/start", Access.RESEARCHER, this::startBacktest);
    routes.post("/api/v1/trainings/start", Access.RESEARCHER, this::startTraining);
    routes.post("/api/v1/training/start", Access.RESEARCHER, this::startTraining);
    routes.post("/api/v1/operations", Access.RESEARCHER, this::startJob);
  }

  private void startBacktest(Context ctx) {
    start(ctx, "backtests", BACKTEST_FIELDS, backtests::resolve, SubmitRoutes::backtestAnswer);
  }

  private void startTraining(Context ctx) {
    start(ctx, "trainings", TRAINING_FIELDS, trainings::resolve, SubmitRoutes::trainingAnswer);
  }

  private void startJob(Context ctx) {
    start(ctx, "operations", JOB_FIELDS, jobs::resolve, SubmitRoutes::jobAnswer);
  }

  /** The fields of a request, with those that every request may have. */
  private static Set<String> fields(String... own) {
    Set<String> all = new HashSet<>(DemandFields.NAMES);
    all.addAll(List.of(own));
    all.add("timeouts");
    return Set.copyOf(all);
  }

  /** The same of requests that run on prices. */
  private static Set<String> dataFields(String... own) {
    Set<String> all = new HashSet<>(fields(own));
    all.addAll(DataFields.NAMES);
    return Set.copyOf(all);
  }

  private void start(
      Context ctx,
      String route,
      Set<String> fields,
      Function<RequestBody, Accepted> resolve,
      BiFunction<OperationId, Accepted, ObjectNode> answer) {
    Optional<IdempotencyKey> key = IdempotencyKey.parse(ctx.header(IdempotencyKey.HEADER));
    ObjectNode json = RequestBody.json(ctx);
    Optional<IdempotentRequest> request =
        key.map(known -> IdempotentRequest.of(known, route, json));
    // Asked before the request is looked at: what it names may have changed since the first time.
    Optional<SubmitOperation.Outcome.Replayed> before = request.flatMap(submit::before);
    if (before.isPresent()) {
      send(ctx, before.get());
      return;
    }
    Accepted asked = resolve.apply(RequestBody.of(json, fields));
    Accepted accepted =
        asked.withWarnings(gate.admit(asked.spec().operationType(), asked.demand()));
    send(
        ctx,
        submit.submit(
            accepted,
            HttpServer.actor(ctx),
            request,
            HttpTracingRoutes.traceparent(ctx),
            id -> complete(answer.apply(id, accepted), accepted)));
  }

  private String complete(ObjectNode answer, Accepted accepted) {
    boolean takes = broker.connected() && broker.blockedReason().isEmpty();
    answer.put("dispatch", takes ? "queued" : "waiting for broker");
    answer.set("warnings", Json.mapper().valueToTree(accepted.warnings()));
    return answer.toString();
  }

  private static ObjectNode backtestAnswer(OperationId id, Accepted accepted) {
    return Json.mapper()
        .createObjectNode()
        .put("success", true)
        .put("operation_id", id.value())
        .put("status", "started")
        .put("message", "Backtest accepted: " + id)
        .put("symbol", accepted.metadata().path("symbol").asText())
        .put("timeframe", accepted.metadata().path("timeframe").asText())
        .put("mode", "distributed");
  }

  private static ObjectNode jobAnswer(OperationId id, Accepted accepted) {
    return Json.mapper()
        .createObjectNode()
        .put("success", true)
        .put("operation_id", id.value())
        .put("operation_type", accepted.spec().operationType().wireName())
        .put("status", "started")
        .put("message", "Operation accepted: " + id)
        .put("mode", "distributed");
  }

  private static ObjectNode trainingAnswer(OperationId id, Accepted accepted) {
    ObjectNode answer =
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("operation_id", id.value())
            .put("task_id", id.value())
            .put("status", "training_started")
            .put("message", "Training accepted: " + id);
    answer.set("symbols", accepted.metadata().path("symbols"));
    answer.set("timeframes", accepted.metadata().path("timeframes"));
    return answer.put("strategy_name", accepted.metadata().path("strategy_name").asText());
  }

  private static void send(Context ctx, SubmitOperation.Outcome outcome) {
    switch (outcome) {
      case SubmitOperation.Outcome.New _ -> {}
      case SubmitOperation.Outcome.Replayed _ -> ctx.header("Idempotent-Replayed", "true");
    }
    ctx.header("Location", "/api/v1/operations/" + outcome.answer().operation());
    ctx.contentType("application/json").result(outcome.answer().json());
    ctx.status(202);
  }
}
