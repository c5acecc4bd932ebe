package io.ktrdr.api.http;

import io.javalin.security.RouteRole;
import io.ktrdr.protocol.access.Role;
import java.util.Locale;

/** Whom a route serves, where tokens are asked for. */
public enum Access implements RouteRole {
  /** Everybody; no token is looked at. */
  PUBLIC,
  VIEWER,
  RESEARCHER,
  OPERATOR,
  WORKER,
  /** What both people and workers read. */
  VIEWER_OR_WORKER;

  /** Whether a token of this role will do. */
  public boolean admits(Role role) {
    return switch (this) {
      case PUBLIC -> true;
      case VIEWER -> role.includes(Role.VIEWER);
      case RESEARCHER -> role.includes(Role.RESEARCHER);
      case OPERATOR -> role.includes(Role.OPERATOR);
      case WORKER -> role == Role.WORKER;
      case VIEWER_OR_WORKER -> role.includes(Role.VIEWER) || role == Role.WORKER;
    };
  }

  /** Which role is needed, in the words of an error. */
  String words() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
