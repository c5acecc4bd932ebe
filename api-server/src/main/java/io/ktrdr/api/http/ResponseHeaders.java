package io.ktrdr.api.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;

/**
 * What every answer tells browsers: to take nothing for what it does not say it is, to run no
 * script but the dashboard's own file, to show it in nobody's frame, and to keep no answer of the
 * API.
 */
final class ResponseHeaders implements Handler {

  private static final String POLICY =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  @Override
  public void handle(Context ctx) {
    ctx.header("Content-Security-Policy", POLICY);
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    ctx.header("Cache-Control", "no-store");
  }
}
