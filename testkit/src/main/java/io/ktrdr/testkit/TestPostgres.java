package io.ktrdr.testkit;

import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.ServerTls;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;

/**
 * Real Postgres databases for tests, each its own: on the server of {@code TEST_DATABASE_URL}, or
 * on a private one started once per JVM (without fsync: it keeps nothing). Thread-safe.
 */
public final class TestPostgres {

  /** URL of a server on which the tests may create and drop databases. */
  public static final String URL_VARIABLE = "TEST_DATABASE_URL";

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final String PREFIX = "test_" + ProcessHandle.current().pid() + "_";

  private static final String TEMPLATE_NAME = PREFIX + "template";

  private TestPostgres() {}

  /** A new database with all of {@code db/migrations} applied; milliseconds after the first. */
  public static DatabaseAccess freshDatabase() {
    return create(" TEMPLATE " + Template.NAME);
  }

  /** A new database without any table. */
  public static DatabaseAccess emptyDatabase() {
    return create("");
  }

  /** The server's maintenance connection, for tests that ask the server itself. */
  public static DatabaseAccess server() {
    return Server.ACCESS;
  }

  /**
   * A server of the caller's own, to be killed, frozen or restarted; stopped at the latest when the
   * JVM ends.
   */
  public static PostgresServer ownServer() {
    TestRun run = TestRun.current();
    return run.closeAtEnd(PostgresServer.start(run.ownPostgresConfig()));
  }

  /** As {@link #ownServer()}, with TLS. */
  public static PostgresServer ownServer(ServerTls tls) {
    TestRun run = TestRun.current();
    return run.closeAtEnd(PostgresServer.start(run.ownPostgresConfig().with(tls)));
  }

  private static DatabaseAccess create(String template) {
    String name = PREFIX + COUNTER.incrementAndGet();
    execute("CREATE DATABASE " + name + template);
    return Server.ACCESS.withDatabase(name);
  }

  private static void execute(String sql) {
    try (Connection connection = Server.ACCESS.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + " failed on " + Server.ACCESS.jdbcUrl(), e);
    }
  }

  private static void dropAll() {
    for (int i = 1; i <= COUNTER.get(); i++) {
      execute("DROP DATABASE IF EXISTS " + PREFIX + i + " WITH (FORCE)");
    }
    execute("DROP DATABASE IF EXISTS " + TEMPLATE_NAME + " WITH (FORCE)");
  }

  /** Started when first asked for. */
  private static final class Server {
    static final DatabaseAccess ACCESS = start();

    private static DatabaseAccess start() {
      TestRun run = TestRun.current();
      String given = System.getenv(URL_VARIABLE);
      if (given != null && !given.isBlank()) {
        DatabaseAccess access = DatabaseAccess.parse(given);
        run.closeAtEnd(TestPostgres::dropAll);
        return access;
      }
      return run.closeAtEnd(PostgresServer.start(run.postgresConfig())).access();
    }
  }

  /** Migrated once; every fresh database is a copy. */
  private static final class Template {
    static final String NAME = migrate();

    private static String migrate() {
      execute("CREATE DATABASE " + TEMPLATE_NAME);
      DatabaseAccess template = Server.ACCESS.withDatabase(TEMPLATE_NAME);
      Flyway.configure()
          .dataSource(template.jdbcUrl(), template.user(), template.password())
          .locations("filesystem:" + RepositoryRoot.find().resolve("db/migrations"))
          .failOnMissingLocations(true)
          .load()
          .migrate();
      return TEMPLATE_NAME;
    }
  }
}
