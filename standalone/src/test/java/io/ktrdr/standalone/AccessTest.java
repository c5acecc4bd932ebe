package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class AccessTest {

  @Test
  void readsAPostgresUrlWithEncodedPassword() {
    DatabaseAccess access = DatabaseAccess.parse("postgresql://me:a%2Fb+c@db.example:6543/quant");

    assertThat(access).isEqualTo(new DatabaseAccess("db.example", 6543, "quant", "me", "a/b+c"));
    assertThat(DatabaseAccess.parse(access.url())).isEqualTo(access);
    assertThat(access.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:6543/quant");
  }

  @Test
  void readsAJdbcUrlWithItsParameters() {
    DatabaseAccess access =
        DatabaseAccess.parse("jdbc:postgresql://localhost/quant?user=me&password=pw&ssl=false");

    assertThat(access)
        .isEqualTo(new DatabaseAccess("localhost", 5432, "quant", "me", "pw", "ssl=false"));
    assertThat(access.url()).isEqualTo("postgresql://me:pw@localhost:5432/quant?ssl=false");
  }

  @Test
  void refusesWhatIsNoDatabaseUrlAndSaysHowToWriteOne() {
    for (String url : new String[] {"mysql://h/db", "postgresql://h", "postgresql:///db", "a b"}) {
      assertThatThrownBy(() -> DatabaseAccess.parse(url))
          .isInstanceOf(StandaloneException.class)
          .hasMessageContaining("postgresql://user:password@host:5432/database");
    }
  }

  @Test
  void readsABrokerUrlAndKnowsItsManagement() {
    BrokerAccess access = BrokerAccess.parse("amqp://me:p%40w@mq.example:5673/team%2Fa", "");

    assertThat(access.user()).isEqualTo("me");
    assertThat(access.password()).isEqualTo("p@w");
    assertThat(access.virtualHost()).isEqualTo("team/a");
    assertThat(access.managementUrl()).isEqualTo("http://mq.example:15672");
    assertThat(access.withVirtualHost("x y").amqpUrl())
        .isEqualTo("amqp://me:p%40w@mq.example:5673/x%20y");
  }

  @Test
  void theDefaultVirtualHostIsAlwaysSpelledOut() {
    for (String url : new String[] {"amqp://h:5672", "amqp://h:5672/", "amqp://h:5672/%2F"}) {
      BrokerAccess access = BrokerAccess.parse(url, "http://m:1/");
      assertThat(access.amqpUrl()).isEqualTo("amqp://h:5672/%2F");
      assertThat(access.virtualHost()).isEqualTo("/");
      assertThat(access.managementUrl()).isEqualTo("http://m:1");
    }
  }

  @Test
  void refusesWhatIsNoBrokerUrl() {
    assertThatThrownBy(() -> BrokerAccess.parse("http://h", ""))
        .isInstanceOf(StandaloneException.class)
        .hasMessageContaining("amqp://");
  }
}
