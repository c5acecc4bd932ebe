package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TcpPortsTest {

  /** Where Linux begins; other systems begin higher. */
  private static final int FIRST_OF_OUTGOING_CONNECTIONS = 32_768;

  @Test
  void noConnectionThatGoesOutCanTakeAFreePort() {
    assertThat(TcpPorts.free(5))
        .doesNotHaveDuplicates()
        .allMatch(port -> port >= 1024 && port < FIRST_OF_OUTGOING_CONNECTIONS);
  }

  @Test
  void portIsNotGivenOutAgainWhileItsServerIsStillStarting() {
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      given.add(TcpPorts.anyFree());
    }
    assertThat(given).doesNotHaveDuplicates();
  }

  @Test
  void portThatIsListenedOnIsLeftOut() throws IOException {
    int next = TcpPorts.anyFree() + 1;
    try (ServerSocket taken = new ServerSocket()) {
      if (TcpPorts.isFree(next)) {
        taken.bind(new InetSocketAddress(TcpPorts.loopback(), next));
      }
      assertThat(TcpPorts.free(5)).doesNotContain(next);
    }
  }
}
