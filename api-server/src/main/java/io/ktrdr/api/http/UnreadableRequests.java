package io.ktrdr.api.http;

import java.io.EOFException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the server itself refuses, before any route sees it, as a problem too: a request
 * that is no HTTP, an ambiguous path, headers that are too large. Says nothing of how it failed.
 */
final class UnreadableRequests extends ErrorHandler {

  private static final int CAUSES_MAX = 10;

  /** True when the client stopped, or went wrong, in the middle of its body. */
  static boolean brokeOff(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
      if (cause instanceof EOFException || cause instanceof HttpException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    boolean ours = status == 500 || status == 503;
    String code = ours ? "INTERNAL_ERROR" : HttpServer.codeOf(status);
    String detail =
        ours
            ? "Unexpected error; the API's log has it."
            : "The request cannot be read: %s."
                .formatted(message == null ? "HTTP status " + status : message);
    String body = HttpServer.problem(status, code, detail, "/").toString();
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpServer.PROBLEM_TYPE);
    Content.Sink.write(response, true, body, callback);
  }
}
