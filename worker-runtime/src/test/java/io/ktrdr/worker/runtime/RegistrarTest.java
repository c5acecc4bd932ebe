package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RegistrarTest {

  private static final URI ELSEWHERE = URI.create("http://192.0.2.7:8000");
  private static final String SETTING = "KTRDR_ADVERTISED_RABBITMQ_URL";

  @Test
  void apiOnAnotherHostMustNotSendItsWorkersToTheirOwnLoopback() {
    assertThat(Registrar.adviceOn(SETTING, ELSEWHERE, "amqp://ktrdr:secret@localhost:5672/"))
        .hasValue(
            "The API at 192.0.2.7 sends this worker to localhost, which is this host itself:"
                + " set KTRDR_ADVERTISED_RABBITMQ_URL for the API");
    assertThat(Registrar.adviceOn(SETTING, ELSEWHERE, "amqp://u:p@127.0.0.1")).isPresent();
    assertThat(Registrar.adviceOn(SETTING, ELSEWHERE, "amqp://u:p@192.0.2.8:5672")).isEmpty();
    URI here = URI.create("http://127.0.0.1:8000");
    assertThat(Registrar.adviceOn(SETTING, here, "amqp://u:p@127.0.0.1:5672")).isEmpty();
  }

  @Test
  void connectionThatWasNotMadeSaysWhy() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(reason(URI.create("http://127.0.0.1:" + closed))).contains("Connection refused");
    assertThat(reason(URI.create("http://no-such-host.invalid:8000")))
        .isEqualTo("Could not resolve host no-such-host.invalid");
  }

  private static String reason(URI api) throws InterruptedException {
    try {
      ApiClient.Registration registration =
          new ApiClient(api, Optional.empty()).register(JsonNodeFactory.instance.objectNode());
      return registration.toString();
    } catch (IOException e) {
      return Registrar.reasonOf(e, api);
    }
  }
}
