package io.ktrdr.api.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;

/**
 * What every answer tells browsers: to take nothing for what it does not say it is, to run no
 * script but the dashboard's own file, to show it in nobody's frame, and to keep no answer of the
 * API.
 *
 * <p>A page the dashboard makes of an answer it fetched obeys the dashboard's policy, so the
 * stylesheet inside reports is allowed here, by its digest.
 */
final class ResponseHeaders implements Handler {

  private final String policy;

  /**
   * @param styles sources of styles besides the API's own files
   */
  ResponseHeaders(String styles) {
    policy =
        "default-src 'self'; style-src 'self' %s; object-src 'none'; base-uri 'none';"
                .formatted(styles)
            + " form-action 'self'; frame-ancestors 'none'";
  }

  @Override
  public void handle(Context ctx) {
    ctx.header("Content-Security-Policy", policy);
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    ctx.header("Cache-Control", "no-store");
  }
}
