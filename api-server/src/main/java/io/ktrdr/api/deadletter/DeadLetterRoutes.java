package io.ktrdr.api.deadletter;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.ktrdr.api.deadletter.DeadLetters.Outcome;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.amqp.BrokerAwayException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/v1/dead-letters}: {@code GET} to look, {@code POST …/{id}/requeue} and {@code DELETE
 * …/{id}} for one, {@code POST …/requeue} for many.
 */
public final class DeadLetterRoutes implements Routes {

  private static final int LIMIT_DEFAULT = 100;
  private static final String BASE = "/api/v1/dead-letters";
  private static final Set<String> FIELDS = Set.of("queue", "ids");

  private final DeadLetters letters;

  public DeadLetterRoutes(DeadLetters letters) {
    this.letters = letters;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(BASE, Access.OPERATOR, asking(this::list));
    routes.post(BASE + "/requeue", Access.OPERATOR, asking(this::requeueMany));
    routes.get(BASE + "/{id}", Access.OPERATOR, asking(this::show));
    routes.post(BASE + "/{id}/requeue", Access.OPERATOR, asking(this::requeueOne));
    routes.delete(BASE + "/{id}", Access.OPERATOR, asking(this::discard));
  }

  private static Handler asking(Handler handler) {
    return ctx -> {
      try {
        handler.handle(ctx);
      } catch (BrokerAwayException e) {
        throw new ProblemException(
            503,
            "BROKER_UNAVAILABLE",
            "The dead letters are with the broker, and %s. Try again when it is back."
                .formatted(e.getMessage()));
      }
    };
  }

  private void list(Context ctx) {
    int limit = limit(ctx);
    List<DeadLetter> found = letters.list(queue(ctx.queryParam("queue")), limit);
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode array = json.putArray("dead_letters");
    found.stream().limit(limit).forEach(letter -> array.add(letter.json()));
    HttpServer.json(ctx, json.put("count", array.size()).put("limit", limit));
  }

  private void show(Context ctx) {
    String id = ctx.pathParam("id");
    HttpServer.json(
        ctx,
        letters.list(Optional.empty(), DeadLetters.LETTERS_MAX).stream()
            .filter(letter -> letter.letter().id().equals(id))
            .findFirst()
            .orElseThrow(() -> unknown(id))
            .json());
  }

  private void requeueOne(Context ctx) {
    String id = ctx.pathParam("id");
    Outcome outcome = one(id, letters.requeue(HttpServer.actor(ctx), Optional.empty(), withId(id)));
    if (outcome instanceof Outcome.Kept(var _, String why)) {
      throw new ProblemException(
          409, "DEAD_LETTER_NOT_REQUEUED", "The dead letter %s stays: %s".formatted(id, why));
    }
    HttpServer.json(ctx, json(outcome).put("success", true));
  }

  private void discard(Context ctx) {
    String id = ctx.pathParam("id");
    HttpServer.json(
        ctx,
        json(one(id, letters.discard(HttpServer.actor(ctx), Optional.empty(), withId(id))))
            .put("success", true));
  }

  private void requeueMany(Context ctx) {
    RequestBody body = RequestBody.read(ctx, FIELDS);
    List<String> ids = body.texts("ids");
    Optional<String> home = queue(body.text("queue").orElse(null));
    body.throwIfInvalid();
    Predicate<DeadLetter> wanted = letter -> ids.isEmpty() || ids.contains(letter.letter().id());
    ObjectNode answer = Json.mapper().createObjectNode().put("success", true);
    ArrayNode array = answer.putArray("dead_letters");
    int requeued = 0;
    for (Outcome outcome : letters.requeue(HttpServer.actor(ctx), home, wanted)) {
      array.add(json(outcome));
      requeued += outcome instanceof Outcome.Requeued ? 1 : 0;
    }
    HttpServer.json(ctx, answer.put("requeued", requeued).put("kept", array.size() - requeued));
  }

  private static Predicate<DeadLetter> withId(String id) {
    return letter -> letter.letter().id().equals(id);
  }

  private static Outcome one(String id, List<Outcome> outcomes) {
    if (outcomes.isEmpty()) {
      throw unknown(id);
    }
    return outcomes.getFirst();
  }

  private static ProblemException unknown(String id) {
    return new ProblemException(
        404,
        "DEAD_LETTER_UNKNOWN",
        "There is no dead letter %s; it may have been requeued or discarded.".formatted(id));
  }

  private static ObjectNode json(Outcome outcome) {
    ObjectNode json = outcome.letter().json();
    return switch (outcome) {
      case Outcome.Requeued(var _, String how) ->
          json.put("outcome", "requeued").put("detail", how);
      case Outcome.Discarded _ -> json.put("outcome", "discarded").put("detail", "thrown away");
      case Outcome.Kept(var _, String why) -> json.put("outcome", "kept").put("detail", why);
    };
  }

  private Optional<String> queue(@Nullable String given) {
    if (given == null || given.isBlank()) {
      return Optional.empty();
    }
    List<String> homes = letters.homes();
    if (!homes.contains(given)) {
      throw new ProblemException(
          400,
          "PARAMETER_INVALID",
          "queue is '%s', valid are: %s".formatted(given, String.join(", ", homes)));
    }
    return Optional.of(given);
  }

  private static int limit(Context ctx) {
    String given = ctx.queryParam("limit");
    if (given == null || given.isBlank()) {
      return LIMIT_DEFAULT;
    }
    try {
      int limit = Integer.parseInt(given);
      if (limit >= 1 && limit <= DeadLetters.LETTERS_MAX) {
        return limit;
      }
    } catch (NumberFormatException e) {
      throw new ProblemException(
          400, "PARAMETER_INVALID", "limit is '%s', not a number".formatted(given));
    }
    throw new ProblemException(
        400,
        "PARAMETER_INVALID",
        "limit is %s, expected 1 to %d".formatted(given, DeadLetters.LETTERS_MAX));
  }
}
