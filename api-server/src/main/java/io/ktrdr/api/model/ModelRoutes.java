package io.ktrdr.api.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.model.ModelStore.Model;
import io.ktrdr.protocol.Json;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** {@code GET /api/v1/models}: newest first, and which files are none. */
public final class ModelRoutes implements Routes {

  private static final int LIST_MAX = 1000;

  private final Jdbi jdbi;
  private final ModelStore models;
  private final ModelImport imported;

  public ModelRoutes(Jdbi jdbi, ModelStore models, ModelImport imported) {
    this.jdbi = jdbi;
    this.models = models;
    this.imported = imported;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/models", Access.VIEWER, this::list);
  }

  private void list(Context ctx) {
    List<Model> found = jdbi.withHandle(handle -> models.list(handle, LIST_MAX));
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode items = json.putArray("models");
    for (Model model : found) {
      ObjectNode item =
          items
              .addObject()
              .put("model_version", model.version().toString())
              .put("model_path", "models/" + model.version())
              .put("strategy_name", model.version().strategyName())
              .put("timeframe", model.version().timeframe().wireName())
              .put("version", model.version().version())
              .put("sha256", model.sha256().hex())
              .put("operation_id", model.operationId())
              .put("created_at", model.createdAt().toString());
      item.set("symbols", Json.mapper().valueToTree(model.symbols()));
    }
    ArrayNode damaged = json.putArray("damaged");
    for (RefusedModel model : imported.refused()) {
      damaged
          .addObject()
          .put("file", model.version() + "/model.json")
          .put("code", model.code())
          .put("detail", model.detail());
    }
    HttpServer.json(ctx, json.put("count", found.size()));
  }
}
