package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import java.util.Set;

/** {@code POST /api/v1/backtests/start} and {@code /trainings/start}. */
public final class SubmitRoutes implements Routes {

  private static final Set<String> BACKTEST_FIELDS =
      Set.of(
          "model_path",
          "strategy_name",
          "symbol",
          "timeframe",
          "start_date",
          "end_date",
          "initial_capital",
          "commission",
          "slippage");
  private static final Set<String> TRAINING_FIELDS =
      Set.of(
          "strategy_name",
          "symbol",
          "symbols",
          "timeframe",
          "timeframes",
          "start_date",
          "end_date",
          "seed");

  private final BacktestRequest backtests;
  private final TrainingRequest trainings;
  private final SubmitOperation submit;

  public SubmitRoutes(
      BacktestRequest backtests, TrainingRequest trainings, SubmitOperation submit) {
    this.backtests = backtests;
    this.trainings = trainings;
    this.submit = submit;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/api/v1/backtests/start", this::startBacktest);
    routes.post("/api/v1/trainings/start", this::startTraining);
    routes.post("/api/v1/training/start", this::startTraining);
  }

  private void startBacktest(Context ctx) {
    Accepted accepted = backtests.resolve(RequestBody.read(ctx, BACKTEST_FIELDS));
    OperationId id = submit.submit(accepted.spec(), accepted.metadata(), accepted.warnings());
    answer(
        ctx,
        id,
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("operation_id", id.value())
            .put("status", "started")
            .put("message", "Backtest accepted: " + id)
            .put("symbol", accepted.metadata().path("symbol").asText())
            .put("timeframe", accepted.metadata().path("timeframe").asText())
            .put("mode", "distributed"),
        accepted);
  }

  private void startTraining(Context ctx) {
    Accepted accepted = trainings.resolve(RequestBody.read(ctx, TRAINING_FIELDS));
    OperationId id = submit.submit(accepted.spec(), accepted.metadata(), accepted.warnings());
    ObjectNode body =
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("operation_id", id.value())
            .put("task_id", id.value())
            .put("status", "training_started")
            .put("message", "Training accepted: " + id);
    body.set("symbols", accepted.metadata().path("symbols"));
    body.set("timeframes", accepted.metadata().path("timeframes"));
    body.put("strategy_name", accepted.metadata().path("strategy_name").asText());
    answer(ctx, id, body, accepted);
  }

  private static void answer(Context ctx, OperationId id, ObjectNode body, Accepted accepted) {
    body.set("warnings", Json.mapper().valueToTree(accepted.warnings()));
    ctx.header("Location", "/api/v1/operations/" + id);
    HttpServer.json(ctx, body);
    ctx.status(202);
  }
}
