package io.ktrdr.api.http;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.Set;

/** Tells a database that is away, starting, stopping or full from a mistake of ours. */
public final class DatabaseOutage {

  /** SQLSTATE classes: connection lost or refused; ended by an operator or still starting. */
  private static final Set<String> CLASSES = Set.of("08", "57");

  /**
   * Too many connections; out of memory, of disk, of what its configuration allows; read only, as a
   * standby is; and the loser of a deadlock or a conflict, whose second try succeeds.
   */
  private static final Set<String> STATES =
      Set.of("53300", "53200", "53100", "53000", "53400", "25006", "40001", "40P01");

  /** A cancelled query is our own doing, not an outage. */
  private static final String QUERY_CANCELLED = "57014";

  private static final int CAUSES_MAX = 20;

  private DatabaseOutage() {}

  /** Why the database could not serve this; empty when it is something else. */
  public static Optional<String> reasonOf(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
      if (cause instanceof SQLException sql && isOutage(sql)) {
        return Optional.of(String.valueOf(sql.getMessage()));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static boolean isOutage(SQLException e) {
    String state = e.getSQLState();
    if (e instanceof SQLTransientConnectionException) {
      // The pool had no connection to give within its limit.
      return true;
    }
    return state != null
        && state.length() == 5
        && !state.equals(QUERY_CANCELLED)
        && (CLASSES.contains(state.substring(0, 2)) || STATES.contains(state));
  }
}
