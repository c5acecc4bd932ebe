package io.ktrdr.api.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.market.CsvImport;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.market.Dataset;
import io.ktrdr.market.Gap;
import io.ktrdr.market.Listing;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /api/v1/data} and {@code /data/{symbol}/{timeframe}}: what prices there are, and what
 * is known about them. {@code POST /api/v1/data}: a CSV file becomes a dataset.
 */
public final class DataRoutes implements Routes {

  private static final Logger LOG = LoggerFactory.getLogger(DataRoutes.class);

  /** Largest file imported, and kept: what a dataset may have as an artifact. */
  static final int IMPORT_BYTES_MAX = ArtifactRef.BYTES_MAX;

  /** Imports at a time: each holds its file in memory, several times over. */
  private static final int IMPORTS_MAX = 2;

  private static final Duration IMPORT_RETRY_AFTER = Duration.ofSeconds(5);

  private final DataCatalogue catalogue;
  private final CsvImport imports;
  private final AuditedImport audited;
  private final Semaphore places = new Semaphore(IMPORTS_MAX);

  /**
   * @param imports into the catalogue's directory
   */
  public DataRoutes(DataCatalogue catalogue, CsvImport imports, Jdbi jdbi, AuditStore audit) {
    this.catalogue = catalogue;
    this.imports = imports;
    this.audited = new AuditedImport(imports, jdbi, audit);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/data", Access.VIEWER, this::list);
    routes.get("/api/v1/data/{symbol}/{timeframe}", Access.VIEWER, this::show);
    routes.post("/api/v1/data", Access.RESEARCHER, this::importCsv);
  }

  /**
   * Finds out what became of imports of processes that died, and removes what they have left. To be
   * called before requests come; what cannot be done is logged, and stops nobody.
   */
  public void recoverImports() {
    audited.recover();
    try {
      int removed = imports.removeAbandoned(Instant.now());
      if (removed > 0) {
        LOG.info("Removed {} drafts of imports that were broken off", removed);
      }
    } catch (IOException e) {
      LOG.warn(
          "Drafts of imports that were broken off stay in the data directory: {}", e.toString());
    }
  }

  private void list(Context ctx) {
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode datasets = json.putArray("datasets");
    ArrayNode damaged = json.putArray("damaged");
    for (Listing listing : asked(catalogue::list)) {
      switch (listing) {
        case Listing.Available(var dataset) -> datasets.add(json(dataset));
        case Listing.Damaged(String file, String code, String message) ->
            damaged.addObject().put("file", file).put("code", code).put("detail", message);
      }
    }
    HttpServer.json(ctx, json);
  }

  private void show(Context ctx) {
    String written = ctx.pathParam("timeframe");
    Timeframe timeframe =
        Timeframe.find(written)
            .orElseThrow(() ->
                new ProblemException(
                    404,
                    "TIMEFRAME_UNKNOWN",
                    "there is no timeframe '%s', valid are: %s"
                        .formatted(written, Timeframe.validNames())));
    Dataset dataset = asked(() -> catalogue.find(ctx.pathParam("symbol"), timeframe));
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    json.set("dataset", json(dataset));
    json.set("gaps", gaps(dataset.gaps().first()));
    json.put("gaps_left_out", dataset.gaps().count() - dataset.gaps().first().size());
    HttpServer.json(ctx, json);
  }

  private void importCsv(Context ctx) {
    ImportQuery query = ImportQuery.of(ctx.queryParamMap());
    if (!places.tryAcquire()) {
      throw ProblemException.retryLater(
          "DATA_IMPORT_BUSY",
          "%d imports are going on, which is the most; try again soon".formatted(IMPORTS_MAX),
          IMPORT_RETRY_AFTER);
    }
    CsvImport.Imported imported;
    try {
      byte[] csv = RequestBody.bytes(ctx, IMPORT_BYTES_MAX);
      imported = asked(() -> audited.run(HttpServer.actor(ctx), csv, query));
    } finally {
      places.release();
    }
    Dataset dataset = imported.dataset();
    LOG.info(
        "{} imported {} {}: {} bars, {}{}",
        HttpServer.actor(ctx).name(),
        dataset.symbol(),
        dataset.timeframe(),
        dataset.rows(),
        dataset.sha256(),
        imported.replaced() ? ", in place of others" : "");
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("replaced", imported.replaced())
            .put("imported_layout", imported.source().wireName());
    json.set("dataset", json(dataset));
    HttpServer.json(ctx, json);
    ctx.status(imported.replaced() ? 200 : 201)
        .header("Location", "/api/v1/data/%s/%s".formatted(query.symbol(), query.timeframe()));
  }

  private static <T> T asked(Supplier<T> question) {
    try {
      return question.get();
    } catch (MarketDataException e) {
      throw new ProblemException(FrozenData.statusOf(e), e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static ObjectNode json(Dataset dataset) {
    ObjectNode item =
        Json.mapper()
            .createObjectNode()
            .put("symbol", dataset.symbol())
            .put("timeframe", dataset.timeframe().wireName())
            .put("rows", dataset.rows())
            .put("first_bar", dataset.firstBar().toString())
            .put("last_bar", dataset.lastBar().toString())
            .put("sha256", dataset.sha256().hex())
            .put("layout", dataset.layout().wireName())
            .put("calendar", dataset.gaps().calendar().wireName())
            .put("gap_count", dataset.gaps().count())
            .put("missing_bars", dataset.gaps().missingBars())
            .put("zero_volume_bars", dataset.zeroVolumeBars());
    item.set("largest_gaps", gaps(dataset.gaps().largest()));
    item.set("notes", Json.mapper().valueToTree(dataset.notes()));
    item.set("warnings", Json.mapper().valueToTree(dataset.warnings()));
    return item;
  }

  private static ArrayNode gaps(List<Gap> gaps) {
    ArrayNode array = Json.mapper().createArrayNode();
    for (Gap gap : gaps) {
      array
          .addObject()
          .put("from", gap.from().toString())
          .put("to", gap.to().toString())
          .put("missing_bars", gap.missingBars());
    }
    return array;
  }
}
