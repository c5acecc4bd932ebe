package io.ktrdr.worker.runtime;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.tls.Trust;
import java.time.Duration;

/**
 * A worker's few connections to Postgres. Every wait is bounded, so a database that vanished
 * without a word is noticed within {@link #SOCKET_TIMEOUT}; opening succeeds also while it is away.
 */
final class WorkerDatabase {

  /** One for the run, one for the heartbeat, one for what is left. */
  private static final int CONNECTIONS_MAX = 3;

  /** How long to wait for a free connection, opening one included. */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** Longest silence of the server within a statement. */
  static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(10);

  /** How long an idle connection may take to prove that it lives before it is replaced. */
  private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(1);

  private static final Duration KEEPALIVE_INTERVAL = Duration.ofSeconds(30);

  private WorkerDatabase() {}

  /**
   * @param url as {@link DatabaseUrl} reads it
   * @param trust whose certificate the server must have, when the URL asks for a check
   * @param name shown by the server, in {@code pg_stat_activity}
   */
  static HikariDataSource open(String url, Trust trust, String name) {
    DatabaseUrl given = DatabaseUrl.parse(url);
    DatabaseUrl address = trust.file().map(given::withRootCertificates).orElse(given);
    HikariConfig hikari = new HikariConfig();
    hikari.setJdbcUrl(address.jdbcUrl());
    hikari.setUsername(address.user());
    hikari.setPassword(address.password());
    hikari.setMaximumPoolSize(CONNECTIONS_MAX);
    hikari.setMinimumIdle(1);
    hikari.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    hikari.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
    hikari.setKeepaliveTime(KEEPALIVE_INTERVAL.toMillis());
    hikari.setInitializationFailTimeout(-1);
    hikari.setPoolName("worker");
    hikari.addDataSourceProperty("connectTimeout", CONNECT_TIMEOUT.toSeconds());
    hikari.addDataSourceProperty("loginTimeout", CONNECT_TIMEOUT.toSeconds());
    hikari.addDataSourceProperty("socketTimeout", SOCKET_TIMEOUT.toSeconds());
    hikari.addDataSourceProperty("tcpKeepAlive", true);
    hikari.addDataSourceProperty("ApplicationName", name);
    return new HikariDataSource(hikari);
  }
}
