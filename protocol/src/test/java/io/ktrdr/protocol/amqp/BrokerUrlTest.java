package io.ktrdr.protocol.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Address;
import org.junit.jupiter.api.Test;

final class BrokerUrlTest {

  @Test
  void oneBrokerIsReadWithTheUsualPortOfItsScheme() {
    assertThat(BrokerUrl.parse("amqp://u:p%40ss@host/vhost").addresses())
        .containsExactly(new Address("host", 5672));
    BrokerUrl tls = BrokerUrl.parse("amqps://u:p@[::1]/%2F?heartbeat=7");
    assertThat(tls.tls()).isTrue();
    assertThat(tls.ofFirst()).isEqualTo("amqp://u:p@[::1]:5671/%2F?heartbeat=7");
  }

  @Test
  void nodesOfAClusterAreReadInTheirOrder() {
    BrokerUrl cluster = BrokerUrl.parse("amqp://u:p@h1:1,h2,h3:3/");
    assertThat(cluster.addresses())
        .containsExactly(new Address("h1", 1), new Address("h2", 5672), new Address("h3", 3));
    assertThat(cluster.ofFirst()).isEqualTo("amqp://u:p@h1:1/");
  }

  @Test
  void whatIsNoneIsRefusedWithoutItsPassword() {
    for (String wrong :
        new String[] {
          "http://u:secret@host/",
          "amqp://u:secret@h1,,h2/",
          "amqp://u:secret@host:99999/",
          "amqp://u:secret@/"
        }) {
      assertThatThrownBy(() -> new BrokerConnector(wrong, "test"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("RABBITMQ_URL cannot be read")
          .hasMessageNotContaining("secret");
    }
  }
}
