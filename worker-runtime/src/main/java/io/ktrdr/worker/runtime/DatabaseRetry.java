package io.ktrdr.worker.runtime;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Statements that must get through although the database may be away for a while. */
final class DatabaseRetry {

  /** Between two tries. */
  static final Duration WAIT = Duration.ofMillis(500);

  /** A complaint of the database about the data itself, which no repetition cures. */
  private static final String SQLSTATE_DATA_EXCEPTION = "22";

  private static final String SQLSTATE_LIMIT_EXCEEDED = "54";

  private static final Logger LOG = LoggerFactory.getLogger(DatabaseRetry.class);

  private DatabaseRetry() {}

  /**
   * Tries until it succeeds.
   *
   * @param what for the log, e.g. {@code outcome of op_…}
   * @throws InterruptedException when interrupted between two tries: the way to make it give up
   * @throws JdbiException when the database says that it will never take this data
   */
  static <T> T untilDone(String what, Supplier<T> statement) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return statement.get();
      } catch (JdbiException e) {
        if (refusesData(e)) {
          throw e;
        }
        LOG.warn("Not stored yet: {} (try {}: {})", what, tries, e.getMessage());
        TimeUnit.MILLISECONDS.sleep(WAIT.toMillis());
      }
    }
  }

  /**
   * Tries for a limited time.
   *
   * @return false when it had no success
   */
  static boolean within(Duration limit, String what, Runnable statement) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int tries = 1; ; tries++) {
      try {
        statement.run();
        return true;
      } catch (JdbiException e) {
        LOG.warn("Not stored yet: {} (try {}: {})", what, tries, e.getMessage());
      }
      if (System.nanoTime() + WAIT.toNanos() > deadline) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(WAIT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private static boolean refusesData(JdbiException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.sql.SQLException sql) {
        String state = sql.getSQLState();
        return state != null
            && (state.startsWith(SQLSTATE_DATA_EXCEPTION)
                || state.startsWith(SQLSTATE_LIMIT_EXCEEDED));
      }
    }
    return false;
  }
}
