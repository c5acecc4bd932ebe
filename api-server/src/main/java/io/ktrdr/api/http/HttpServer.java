package io.ktrdr.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.staticfiles.Location;
import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.access.Tokens;
import io.ktrdr.api.http.ProblemException.FieldError;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: JSON in, JSON out, every error as {@code application/problem+json}. */
public final class HttpServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  static final String PROBLEM_TYPE = "application/problem+json";

  /** When to try again after the database was away. */
  public static final Duration OUTAGE_RETRY_AFTER = Duration.ofSeconds(2);

  /** Of all headers of a request. */
  private static final int HEADER_BYTES_MAX = 8 * 1024;

  /** A connection on which nothing moves for longer is closed, in the middle of a request too. */
  private static final Duration IDLE_MAX = Duration.ofSeconds(30);

  private final Javalin javalin;
  private final List<RouteTable.Route> routes = new ArrayList<>();

  /**
   * @param host the address to listen on
   * @param certificate with one it speaks https and nothing else
   * @param tokens who may ask; empty: everybody may
   * @param access how much they may
   * @param styles sources of styles for the Content-Security-Policy, besides the API's own files
   */
  public HttpServer(
      String host,
      int port,
      Optional<ServerCertificate> certificate,
      Optional<Tokens> tokens,
      AccessSettings access,
      String styles,
      List<Routes> features) {
    javalin =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          config.http.maxRequestSize = ArtifactRef.BYTES_MAX;
          config.http.prefer405over404 = true;
          config.jetty.modifyServer(server -> server.setErrorHandler(new UnreadableRequests()));
          config.jetty.modifyHttpConfiguration(HttpServer::bound);
          config.jetty.addConnector(
              (server, http) -> connector(server, http, certificate, host, port));
          config.staticFiles.add(files -> {
            files.directory = "/public";
            files.location = Location.CLASSPATH;
            files.roles = Set.of(Access.PUBLIC);
          });
          config.routes.before(new ResponseHeaders(styles));
          config.routes.before(HttpServer::requireText);
          config.routes.beforeMatched(new AccessControl(tokens, access));
          RouteTable table = new RouteTable(config.routes);
          features.forEach(feature -> feature.register(table));
          routes.addAll(table.all());
          config.routes.exception(ProblemException.class, HttpServer::answer);
          config.routes.exception(
              HttpResponseException.class,
              (e, ctx) -> {
                if (e instanceof MethodNotAllowedResponse) {
                  ctx.header("Allow", e.getDetails().getOrDefault("availableMethods", ""));
                }
                answer(
                    new ProblemException(e.getStatus(), codeOf(e.getStatus()), messageOf(e, ctx)),
                    ctx);
              });
          config.routes.exception(Exception.class, HttpServer::answerUnexpected);
        });
  }

  private static void bound(HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(HEADER_BYTES_MAX);
  }

  private static ServerConnector connector(
      Server server,
      HttpConfiguration http,
      Optional<ServerCertificate> certificate,
      String host,
      int port) {
    ServerConnector connector =
        certificate
            .map(own -> own.connector(server, http))
            .orElseGet(() -> new ServerConnector(server, new HttpConnectionFactory(http)));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MAX.toMillis());
    return connector;
  }

  public void start() {
    javalin.start();
  }

  @Override
  public void close() {
    javalin.stop();
  }

  /** Every route of the features, and whom it serves. */
  public List<RouteTable.Route> routes() {
    return List.copyOf(routes);
  }

  /** Who asks, for the audit. */
  public static Actor actor(Context ctx) {
    return AccessControl.actor(ctx);
  }

  /**
   * Whether who was let in may still be here: for answers that go on and on, while a token can be
   * taken away.
   */
  public static boolean stillAdmitted(Context ctx) {
    return AccessControl.stillAdmitted(ctx);
  }

  /** Writes any value as JSON. */
  public static void json(Context ctx, Object value) {
    try {
      ctx.contentType("application/json").result(Json.mapper().writeValueAsBytes(value));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException("an answer of ours cannot be written", e);
    }
  }

  /** Postgres takes no U+0000 in a text, and no word of ours has one. */
  private static void requireText(Context ctx) {
    boolean bad =
        ctx.path().indexOf('\0') >= 0
            || ctx.queryParamMap().values().stream()
                .flatMap(List::stream)
                .anyMatch(value -> value.indexOf('\0') >= 0);
    if (bad) {
      throw new ProblemException(400, "REQUEST_INVALID", "Path or query has U+0000 in it.");
    }
  }

  /** What every problem says. */
  static ObjectNode problem(int status, String code, String detail, String path) {
    return Json.mapper()
        .createObjectNode()
        .put("type", "urn:ktrdr:problem:" + code)
        .put("title", code)
        .put("status", status)
        .put("code", code)
        .put("detail", detail)
        .put("instance", path);
  }

  private static void answer(ProblemException problem, Context ctx) {
    ObjectNode body = problem(problem.status(), problem.code(), problem.detail(), ctx.path());
    if (!problem.errors().isEmpty()) {
      ArrayNode errors = body.putArray("errors");
      for (FieldError error : problem.errors()) {
        errors
            .addObject()
            .put("pointer", error.pointer())
            .put("code", error.code())
            .put("detail", error.detail());
      }
    }
    problem
        .retryAfter()
        .ifPresent(wait -> ctx.header("Retry-After", Long.toString(secondsUp(wait))));
    json(ctx, body);
    ctx.status(problem.status()).contentType(PROBLEM_TYPE);
  }

  private static void answerUnexpected(Exception e, Context ctx) {
    Optional<String> outage = DatabaseOutage.reasonOf(e);
    if (outage.isPresent()) {
      LOG.warn("{} {}: database away: {}", ctx.method(), ctx.path(), outage.get());
      answer(
          ProblemException.retryLater(
              "DATABASE_UNAVAILABLE",
              "The database is away; nothing was lost, try again soon.",
              OUTAGE_RETRY_AFTER),
          ctx);
    } else if (UnreadableRequests.brokeOff(e)) {
      LOG.debug("{} {}: body not whole: {}", ctx.method(), ctx.path(), e.toString());
      answer(
          new ProblemException(
              400,
              "REQUEST_INVALID",
              "The body ends before its Content-Length, or its chunks are none."),
          ctx);
    } else {
      LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
      answer(
          new ProblemException(500, "INTERNAL_ERROR", "Unexpected error; the API's log has it."),
          ctx);
    }
  }

  private static long secondsUp(Duration wait) {
    return wait.plusSeconds(1).minusNanos(1).toSeconds();
  }

  static String codeOf(int status) {
    return switch (status) {
      case 404 -> "ROUTE_UNKNOWN";
      case 405 -> "METHOD_NOT_ALLOWED";
      case 413 -> "REQUEST_TOO_LARGE";
      case 414 -> "URI_TOO_LONG";
      case 431 -> "HEADERS_TOO_LARGE";
      default -> "REQUEST_INVALID";
    };
  }

  private static String messageOf(HttpResponseException e, Context ctx) {
    return "%s %s: %s".formatted(ctx.method(), ctx.path(), e.getMessage());
  }
}
