package io.ktrdr.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.ktrdr.standalone.DatabaseAccess;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What other modules' tests stand on. */
final class DatabaseAndBrokerIT {

  @Test
  void databasesAreEachTheirOwn() throws Exception {
    DatabaseAccess one = TestPostgres.emptyDatabase();
    DatabaseAccess other = TestPostgres.emptyDatabase();
    try (var connection = one.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE only_here (n int)");
    }
    assertThat(tables(one)).isOne();
    assertThat(tables(other)).isZero();
  }

  @Test
  void aFreshDatabaseHasEveryMigrationApplied() throws Exception {
    assertThat(tables(TestPostgres.freshDatabase())).isGreaterThan(1);
    assertThat(tables(TestPostgres.freshDatabase())).isGreaterThan(1);
  }

  @Test
  void virtualHostsAreEachTheirOwn() throws Exception {
    try (TestVirtualHost one = TestBroker.freshVirtualHost();
        TestVirtualHost other = TestBroker.freshVirtualHost()) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setUri(one.amqpUrl());
      try (Connection connection = factory.newConnection();
          Channel channel = connection.createChannel()) {
        channel.queueDeclare("only-here", true, false, false, null);
      }
      assertThat(one.queues()).hasSize(1);
      assertThat(one.queue("only-here").path("durable").asBoolean()).isTrue();
      assertThat(other.queues()).isEmpty();
    }
  }

  @Test
  void theRepositoryIsFoundFromAModulesFolder() {
    assertThat(RepositoryRoot.find().resolve("testkit/pom.xml")).exists();
  }

  private static int tables(DatabaseAccess database) throws Exception {
    try (var connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
