package io.ktrdr.standalone;

/** What a killed starter left of its two servers. */
public final class ServerRemains {

  private ServerRemains() {}

  /** Stops a Postgres or RabbitMQ that still runs from these folders; their data stays. */
  public static void stop(PostgresConfig postgres, RabbitConfig rabbit) {
    PostgresServer.stopLeftOver(postgres);
    RabbitServer.stopLeftOver(rabbit);
  }
}
