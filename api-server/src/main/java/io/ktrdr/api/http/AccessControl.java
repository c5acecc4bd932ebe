package io.ktrdr.api.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.access.RateLimiter;
import io.ktrdr.api.access.Tokens;
import io.ktrdr.protocol.access.ApiToken;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every route and decides who asks and whether they may. A route that says nothing of
 * whom it serves serves nobody. Holds people, not workers, to so many changes a second.
 * Thread-safe.
 */
final class AccessControl implements Handler {

  private static final String ACTOR = "ktrdr.actor";
  private static final String STILL_ADMITTED = "ktrdr.stillAdmitted";
  private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);

  /** For how many seconds' worth of changes one may do at once. */
  private static final double CHANGES_AT_ONCE_SECONDS = 5;

  private static final double SECONDS_PER_MINUTE = 60;

  private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD);

  private final Optional<Tokens> tokens;
  private final RateLimiter changes;
  private final RateLimiter badTokens;

  /**
   * @param tokens empty: everybody may do everything
   */
  AccessControl(Optional<Tokens> tokens, AccessSettings settings) {
    this.tokens = tokens;
    int perSecond = settings.changesPerSecond();
    this.changes =
        new RateLimiter(
            perSecond, Math.max(1, perSecond * CHANGES_AT_ONCE_SECONDS), System::nanoTime);
    int perMinute = settings.badTokensPerMinute();
    this.badTokens =
        new RateLimiter(perMinute / SECONDS_PER_MINUTE, Math.max(1, perMinute), System::nanoTime);
  }

  /** Who asks; known once this handler has let the request pass. */
  static Actor actor(Context ctx) {
    Actor actor = ctx.attribute(ACTOR);
    return actor == null ? Actor.ANONYMOUS : actor;
  }

  /** Whether the token with which this handler let the request pass would still do. */
  static boolean stillAdmitted(Context ctx) {
    BooleanSupplier still = ctx.attribute(STILL_ADMITTED);
    return still == null || still.getAsBoolean();
  }

  @Override
  public void handle(Context ctx) {
    Optional<Access> access =
        ctx.routeRoles().stream()
            .filter(Access.class::isInstance)
            .map(Access.class::cast)
            .findFirst();
    if (access.equals(Optional.of(Access.PUBLIC))) {
      return;
    }
    tokens.ifPresent(known -> {
      admit(ctx, access, holder(ctx, known));
      ctx.attribute(STILL_ADMITTED, stillAdmitted(ctx, access, known));
    });
    if (!READING.contains(ctx.method()) && !access.equals(Optional.of(Access.WORKER))) {
      String who = tokens.isEmpty() ? ctx.ip() : actor(ctx).name();
      changes
          .take(who)
          .ifPresent(wait -> {
            throw tooMany("'%s' changes more than this API allows".formatted(who), wait);
          });
    }
  }

  private static ProblemException tooMany(String what, Duration wait) {
    return ProblemException.tooMany(
        "RATE_LIMITED", what + "; try again after Retry-After seconds.", wait);
  }

  private static void admit(Context ctx, Optional<Access> access, Tokens.Holder holder) {
    if (!access.map(needed -> needed.admits(holder.role())).orElse(false)) {
      throw new ProblemException(
          403,
          "ROLE_INSUFFICIENT",
          "%s %s needs the role %s; the token '%s' has the role %s."
              .formatted(
                  ctx.method(),
                  ctx.path(),
                  access.map(Access::words).orElse("nobody has"),
                  holder.name(),
                  holder.role().wireName()));
    }
    ctx.attribute(ACTOR, new Actor(holder.name()));
  }

  private static BooleanSupplier stillAdmitted(
      Context ctx, Optional<Access> access, Tokens tokens) {
    Optional<ApiToken> token =
        Optional.ofNullable(ctx.header(ApiToken.HEADER)).flatMap(ApiToken::ofHeader);
    return () ->
        token
            .flatMap(tokens::holderOf)
            .flatMap(holder -> access.map(needed -> needed.admits(holder.role())))
            .orElse(false);
  }

  private Tokens.Holder holder(Context ctx, Tokens tokens) {
    String header = ctx.header(ApiToken.HEADER);
    if (header == null || header.isBlank()) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new ProblemException(
          401,
          "TOKEN_REQUIRED",
          "This API asks for a token: send 'Authorization: Bearer ktrdr_…'. The ktrdr command and"
              + " workers take it from KTRDR_API_TOKEN.");
    }
    return ApiToken.ofHeader(header)
        .flatMap(tokens::holderOf)
        .orElseThrow(() -> {
          Optional<Duration> wait = badTokens.take(ctx.ip());
          if (wait.isPresent()) {
            return tooMany("Too many wrong tokens came from " + ctx.ip(), wait.get());
          }
          LOG.warn("Token refused: {} {} from {}", ctx.method(), ctx.path(), ctx.ip());
          ctx.header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
          return new ProblemException(
              401,
              "TOKEN_INVALID",
              "The token is not one this API knows; it may have been taken out of the file, or not"
                  + " be one at all.");
        });
  }
}
