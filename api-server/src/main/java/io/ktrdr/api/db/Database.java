package io.ktrdr.api.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.ktrdr.protocol.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of database connections. Every wait has an end, also on a connection whose other side
 * vanished without a word; connections that broke are replaced, so a database that restarts needs
 * nothing restarted here. Thread-safe.
 */
public final class Database implements AutoCloseable {

  /** How long anybody waits for a connection; a request is then answered 503. */
  public static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

  /** How long a request waits for one answer of the database. */
  public static final Duration REQUEST_SILENCE_MAX = Duration.ofMillis(2500);

  /** How long anything else waits for one answer: batches, sweeps, large artifacts. */
  public static final Duration SILENCE_MAX = Duration.ofSeconds(20);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration VALIDATION_TIMEOUT = Duration.ofMillis(500);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration KEEPALIVE = Duration.ofSeconds(30);

  private static final int CONNECTIONS_MAX = 16;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Jdbi requests;
  private final Jdbi probes;

  private Database(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
    this.requests = Jdbi.create(() -> impatient(pool, REQUEST_SILENCE_MAX));
    this.probes = Jdbi.create(() -> impatient(pool, PROBE_TIMEOUT));
  }

  /** Connects, waiting for a database that is just starting, and brings the schema up to date. */
  public static Database open(DatabaseUrl url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url.jdbcUrl());
    config.setUsername(url.user());
    config.setPassword(url.password());
    config.setMaximumPoolSize(CONNECTIONS_MAX);
    config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    config.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
    config.setKeepaliveTime(KEEPALIVE.toMillis());
    config.setInitializationFailTimeout(START_TIMEOUT.toMillis());
    config.setPoolName("api");
    config.addDataSourceProperty("connectTimeout", seconds(CONNECT_TIMEOUT));
    config.addDataSourceProperty("loginTimeout", seconds(CONNECT_TIMEOUT));
    config.addDataSourceProperty("cancelSignalTimeout", seconds(CONNECT_TIMEOUT));
    config.addDataSourceProperty("socketTimeout", seconds(SILENCE_MAX));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("ApplicationName", "ktrdr-api");
    HikariDataSource pool = new HikariDataSource(config);
    int applied = migrations(pool).migrate().migrationsExecuted;
    LOG.info("Database {} is up to date ({} migrations applied now)", url, applied);
    return new Database(pool);
  }

  private static Flyway migrations(HikariDataSource pool) {
    return Flyway.configure().dataSource(pool).locations("classpath:db/migrations").load();
  }

  /** How many migrations this build has that the database has not. */
  public int pendingMigrations() {
    return migrations(pool).info().pending().length;
  }

  /** For work that may take its time. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** For requests: gives up on a silent database early enough for an answer within 3 s. */
  public Jdbi requests() {
    return requests;
  }

  /** True when a query is answered now. */
  public boolean reachable() {
    try {
      return probes.withHandle(handle -> handle.select("select 1").mapTo(Integer.class).one()) == 1;
    } catch (JdbiException e) {
      return false;
    }
  }

  private static String seconds(Duration duration) {
    return Long.toString(duration.toSeconds());
  }

  /** The pool sets the connection's own limit again when it is given back. */
  private static Connection impatient(HikariDataSource pool, Duration silenceMax)
      throws SQLException {
    Connection connection = pool.getConnection();
    try {
      connection.setNetworkTimeout(Runnable::run, (int) silenceMax.toMillis());
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
