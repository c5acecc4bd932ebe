package io.ktrdr.api.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.market.Listing;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.Json;
import java.util.List;

/** {@code GET /api/v1/data}: what prices there are, and what is known about them. */
public final class DataRoutes implements Routes {

  private final DataCatalogue catalogue;

  public DataRoutes(DataCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/data", Access.VIEWER, this::list);
  }

  private List<Listing> listings() {
    try {
      return catalogue.list();
    } catch (MarketDataException e) {
      throw new ProblemException(FrozenData.statusOf(e), e.code(), String.valueOf(e.getMessage()));
    }
  }

  private void list(Context ctx) {
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode datasets = json.putArray("datasets");
    ArrayNode damaged = json.putArray("damaged");
    for (Listing listing : listings()) {
      switch (listing) {
        case Listing.Available(var dataset) -> {
          ObjectNode item =
              datasets
                  .addObject()
                  .put("symbol", dataset.symbol())
                  .put("timeframe", dataset.timeframe().wireName())
                  .put("rows", dataset.rows())
                  .put("first_bar", dataset.firstBar().toString())
                  .put("last_bar", dataset.lastBar().toString())
                  .put("sha256", dataset.sha256().hex());
          item.set("notes", Json.mapper().valueToTree(dataset.notes()));
          item.set("warnings", Json.mapper().valueToTree(dataset.warnings()));
        }
        case Listing.Damaged(String file, String code, String message) ->
            damaged.addObject().put("file", file).put("code", code).put("detail", message);
      }
    }
    HttpServer.json(ctx, json);
  }
}
