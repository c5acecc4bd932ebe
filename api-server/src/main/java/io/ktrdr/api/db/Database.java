package io.ktrdr.api.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.ktrdr.protocol.DatabaseUrl;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool of database connections. Thread-safe. */
public final class Database implements AutoCloseable {

  /** How long a request waits for a connection before it is answered 503. */
  public static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

  private static final int CONNECTIONS_MAX = 16;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private Database(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /** Connects, waiting for a database that is just starting, and brings the schema up to date. */
  public static Database open(DatabaseUrl url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url.jdbcUrl());
    config.setUsername(url.user());
    config.setPassword(url.password());
    config.setMaximumPoolSize(CONNECTIONS_MAX);
    config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    config.setInitializationFailTimeout(START_TIMEOUT.toMillis());
    config.setPoolName("api");
    HikariDataSource pool = new HikariDataSource(config);
    int applied =
        Flyway.configure()
            .dataSource(pool)
            .locations("classpath:db/migrations")
            .load()
            .migrate()
            .migrationsExecuted;
    LOG.info("Database {} is up to date ({} migrations applied now)", url, applied);
    return new Database(pool);
  }

  public Jdbi jdbi() {
    return jdbi;
  }

  /** True when a query is answered now. */
  public boolean reachable() {
    try {
      return jdbi.withHandle(handle -> handle.select("select 1").mapTo(Integer.class).one()) == 1;
    } catch (JdbiException e) {
      return false;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
