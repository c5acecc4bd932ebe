package io.ktrdr.testkit;

import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.RabbitServer;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Postgres and RabbitMQ of one {@link TestSystem}, the proxies in front of them, and what the API
 * is told of both.
 */
final class SystemServers implements AutoCloseable {

  private static final String ALL_ADDRESSES = "0.0.0.0";

  private final SystemPlan plan;
  private final @Nullable GivenServers given;
  private final @Nullable PostgresServer ownDatabase;
  private final @Nullable RabbitServer ownBroker;
  private final DatabaseAccess database;
  private final TestVirtualHost broker;
  private final TcpProxy databaseProxy;
  private final TcpProxy brokerProxy;

  private SystemServers(SystemPlan plan, @Nullable GivenServers given) {
    this.plan = plan;
    this.given = given;
    ownDatabase = plan.ownDatabase() ? TestPostgres.ownServer() : null;
    ownBroker = plan.ownBroker() ? TestBroker.ownServer() : null;
    if (given != null) {
      database = given.database();
      broker = given.broker();
    } else {
      database = ownDatabase == null ? TestPostgres.emptyDatabase() : ownDatabase.access();
      broker =
          ownBroker == null
              ? TestBroker.freshVirtualHost()
              : new TestVirtualHost(ownBroker.access());
    }
    databaseProxy = TcpProxy.on(plan.address(), database.host(), database.port());
    brokerProxy = TcpProxy.on(plan.address(), SystemPlan.LOOPBACK, brokerPort());
  }

  /** The plan's own servers, or a fresh database and virtual host on those all tests share. */
  static SystemServers of(SystemPlan plan) {
    return new SystemServers(plan, null);
  }

  /** Servers that their maker closes. */
  static SystemServers of(SystemPlan plan, GivenServers given) {
    return new SystemServers(plan, given);
  }

  DatabaseAccess database() {
    return database;
  }

  TestVirtualHost broker() {
    return broker;
  }

  PostgresServer ownDatabase() {
    if (ownDatabase == null) {
      throw new IllegalStateException("this system shares its Postgres: do not touch it");
    }
    return ownDatabase;
  }

  RabbitServer ownBroker() {
    if (ownBroker == null) {
      throw new IllegalStateException("this system shares its RabbitMQ: do not touch it");
    }
    return ownBroker;
  }

  TcpProxy databaseProxy() {
    return databaseProxy;
  }

  TcpProxy brokerProxy() {
    return brokerProxy;
  }

  TcpProxy newDatabaseProxy() {
    return TcpProxy.to(database.host(), database.port());
  }

  TcpProxy newBrokerProxy() {
    return TcpProxy.to(SystemPlan.LOOPBACK, brokerPort());
  }

  /** Where the API finds Postgres. */
  DatabaseAccess databaseOfApi() {
    return plan.proxied() ? databaseProxy.through(database) : database;
  }

  /** Where the API finds RabbitMQ. */
  BrokerAccess brokerOfApi() {
    return plan.proxied() ? brokerProxy.through(broker.access()) : broker.access();
  }

  /** Variables of an API process besides those two: what the plan says, and what it advertises. */
  Map<String, String> apiEnvironment() {
    Map<String, String> environment = new HashMap<>(plan.apiEnvironment());
    boolean hosts = plan.reachedByOtherHosts();
    if (hosts) {
      environment.put("KTRDR_API_HOST", ALL_ADDRESSES);
      // The hosts are namespaces: nobody else reaches them.
      environment.putIfAbsent("KTRDR_AUTH", "off");
    }
    environment.put(
        "KTRDR_ADVERTISED_DATABASE_URL",
        hosts ? databaseProxy.through(database).url() : database.url());
    environment.put(
        "KTRDR_ADVERTISED_RABBITMQ_URL",
        hosts ? brokerProxy.through(broker.access()).amqpUrl() : broker.amqpUrl());
    if (given != null) {
      environment.putAll(given.apiEnvironment());
    }
    return environment;
  }

  private int brokerPort() {
    return URI.create(broker.amqpUrl()).getPort();
  }

  /** Closes the proxies and what was made for this system alone. */
  @Override
  public void close() {
    databaseProxy.close();
    brokerProxy.close();
    if (ownBroker != null) {
      ownBroker.close();
    } else if (given == null) {
      broker.close();
    }
    if (ownDatabase != null) {
      ownDatabase.close();
    }
  }
}
