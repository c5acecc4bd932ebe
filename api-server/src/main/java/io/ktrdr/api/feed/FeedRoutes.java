package io.ktrdr.api.feed;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /api/v1/operations/{id}/events}: as {@code text/event-stream} it goes on until the
 * operation has ended; as JSON it is what has happened so far. Every event has a number, and both
 * begin after the one the client saw last ({@code Last-Event-ID} or {@code ?after=}), so a
 * connection that drops costs nothing: no event is missed and none comes twice.
 */
public final class FeedRoutes implements Routes {

  private static final int LIMIT_DEFAULT = 100;
  private static final int LIMIT_MAX = 1000;
  private static final int BATCH_MAX = 200;

  /** Silence after which a comment shows that the feed lives. */
  private static final Duration PING = Duration.ofSeconds(10);

  private static final Duration RECONNECT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(FeedRoutes.class);

  private final FeedStore store;
  private final FeedWatch watch;

  public FeedRoutes(FeedStore store, FeedWatch watch) {
    this.store = store;
    this.watch = watch;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations/{id}/events", Access.VIEWER, this::events);
  }

  private void events(Context ctx) {
    OperationId id = id(ctx);
    FeedStore.Head head = store.head(id).orElseThrow(() -> unknown(ctx));
    long after = after(ctx, head);
    if (!wantsStream(ctx)) {
      list(ctx, id, head, after);
    } else if (head.status().isTerminal() && after == head.lastSeq() && after > 0) {
      // Tells a browser's EventSource not to come back.
      ctx.status(204);
    } else {
      stream(ctx, id, after);
    }
  }

  private void list(Context ctx, OperationId id, FeedStore.Head head, long after) {
    long limit =
        number("limit", ctx.queryParam("limit"), 1, LIMIT_MAX).orElse((long) LIMIT_DEFAULT);
    List<FeedStore.Event> events = store.after(id, after, (int) limit);
    long last = events.isEmpty() ? after : events.getLast().seq();
    ObjectNode json = Json.mapper().createObjectNode().put("operation_id", id.value());
    ArrayNode items = json.putArray("events");
    events.forEach(event -> items.add(event.json()));
    json.put("next_after", last).put("more", last < head.lastSeq());
    HttpServer.json(ctx, json);
  }

  private void stream(Context ctx, OperationId id, long after) {
    try (FeedWatch.Feed feed = watch.open(id)) {
      HttpServletResponse response = ctx.res();
      response.setStatus(200);
      response.setContentType("text/event-stream");
      response.setCharacterEncoding("utf-8");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      OutputStream out = response.getOutputStream();
      write(out, "retry: %d\n\n".formatted(RECONNECT.toMillis()));
      send(ctx, out, feed, id, after);
    } catch (IOException e) {
      LOG.debug("Reader of {} is gone: {}", id, e.getMessage());
    } catch (JdbiException e) {
      // The reader comes back and goes on after the last event it saw.
      LOG.debug("Feed of {} ends, database away: {}", id, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(Context ctx, OutputStream out, FeedWatch.Feed feed, OperationId id, long after)
      throws IOException, InterruptedException {
    long sent = after;
    while (!watch.closed() && HttpServer.stillAdmitted(ctx)) {
      FeedStore.Head head = store.head(id).orElseThrow();
      while (sent < head.lastSeq()) {
        StringBuilder text = new StringBuilder();
        for (FeedStore.Event event : store.after(id, sent, BATCH_MAX)) {
          text.append("id: ").append(event.seq()).append('\n');
          text.append("event: ").append(event.type()).append('\n');
          text.append("data: ").append(event.json()).append("\n\n");
          sent = event.seq();
        }
        write(out, text.toString());
      }
      if (head.status().isTerminal()) {
        return;
      }
      if (!feed.await(PING)) {
        write(out, ": ping\n\n");
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** A client that does not care, such as curl, gets the stream. */
  private static boolean wantsStream(Context ctx) {
    String accept = Optional.ofNullable(ctx.header("Accept")).orElse("*/*");
    String wanted = accept.toLowerCase(Locale.ROOT).strip();
    return wanted.contains("text/event-stream") || wanted.isEmpty() || wanted.equals("*/*");
  }

  private static long after(Context ctx, FeedStore.Head head) {
    String header = ctx.header("Last-Event-ID");
    Optional<Long> after =
        header == null
            ? number("after", ctx.queryParam("after"), 0, Long.MAX_VALUE)
            : number("Last-Event-ID", header, 0, Long.MAX_VALUE);
    if (after.isPresent() && after.get() > head.lastSeq()) {
      throw new ProblemException(
          400,
          "PARAMETER_INVALID",
          "There is no event %d; the newest is %d. Begin anew without it."
              .formatted(after.get(), head.lastSeq()));
    }
    return after.orElse(0L);
  }

  private static Optional<Long> number(String name, @Nullable String text, long min, long max) {
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(text.strip());
      if (value >= min && value <= max) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      throw new ProblemException(
          400, "PARAMETER_INVALID", "%s is '%s', not a number".formatted(name, text));
    }
    throw new ProblemException(
        400, "PARAMETER_INVALID", "%s is %s, expected %d to %d".formatted(name, text, min, max));
  }

  private static OperationId id(Context ctx) {
    try {
      return OperationId.parse(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw unknown(ctx);
    }
  }

  private static ProblemException unknown(Context ctx) {
    return new ProblemException(
        404, "OPERATION_UNKNOWN", "There is no operation " + ctx.pathParam("id"));
  }
}
