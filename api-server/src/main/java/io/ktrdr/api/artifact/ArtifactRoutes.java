package io.ktrdr.api.artifact;

import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Sha256;

/** {@code GET} and {@code PUT /api/v1/artifacts/{sha256}}. */
public final class ArtifactRoutes implements Routes {

  private static final String PATH = "/api/v1/artifacts/{sha256}";

  private final ArtifactStore artifacts;

  public ArtifactRoutes(ArtifactStore artifacts) {
    this.artifacts = artifacts;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PATH, Access.VIEWER_OR_WORKER, this::get);
    routes.put(PATH, Access.WORKER, this::put);
  }

  private void get(Context ctx) {
    Sha256 sha256 = digest(ctx);
    byte[] bytes =
        artifacts
            .find(sha256)
            .orElseThrow(() ->
                new ProblemException(404, "ARTIFACT_UNKNOWN", "There is no artifact " + sha256));
    // What has this digest can never be anything else.
    ctx.header("Cache-Control", "private, max-age=31536000, immutable");
    ctx.contentType("application/octet-stream").result(bytes);
  }

  private void put(Context ctx) {
    Sha256 claimed = digest(ctx);
    boolean checkpoint = isCheckpoint(ctx);
    byte[] bytes = RequestBody.bytes(ctx, ArtifactRef.BYTES_MAX);
    Sha256 real = Sha256.of(bytes);
    if (!real.equals(claimed)) {
      throw new ProblemException(
          422,
          "ARTIFACT_CORRUPT",
          "The %d bytes have digest %s, not %s".formatted(bytes.length, real, claimed));
    }
    if (checkpoint) {
      artifacts.putCheckpoint(bytes);
    } else {
      artifacts.put(bytes);
    }
    ctx.status(204);
  }

  private static boolean isCheckpoint(Context ctx) {
    String given = ctx.queryParam("checkpoint");
    return switch (given == null ? "false" : given) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new ProblemException(
              400,
              "PARAMETER_INVALID",
              "checkpoint is '%s', valid are: true, false".formatted(given));
    };
  }

  private static Sha256 digest(Context ctx) {
    try {
      return Sha256.parse(ctx.pathParam("sha256"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(400, "ARTIFACT_INVALID", String.valueOf(e.getMessage()));
    }
  }
}
