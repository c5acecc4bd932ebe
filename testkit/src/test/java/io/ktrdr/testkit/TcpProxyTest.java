package io.ktrdr.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TcpProxyTest {

  private static final int PATIENCE_MS = 300;

  @SuppressWarnings("NullAway.Init")
  private ServerSocket echo;

  @SuppressWarnings("NullAway.Init")
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::serve);
    proxy = TcpProxy.to("127.0.0.1", echo.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  @Test
  void passesBytesBothWays() throws IOException {
    try (Socket client = connect()) {
      assertThat(roundTrip(client, 7)).isEqualTo(7);
      assertThat(roundTrip(client, 8)).isEqualTo(8);
    }
  }

  @Test
  void refusesWhileDownAndAcceptsOnTheSamePortAfterwards() throws IOException {
    try (Socket client = connect()) {
      assertThat(roundTrip(client, 1)).isEqualTo(1);
      proxy.down();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertThatThrownBy(() -> connect().close()).isInstanceOf(IOException.class);
    proxy.resume();
    try (Socket client = connect()) {
      assertThat(roundTrip(client, 2)).isEqualTo(2);
    }
  }

  @Test
  void saysNothingWhileHeldAndDeliversAfterwards() throws IOException {
    try (Socket client = connect()) {
      assertThat(roundTrip(client, 1)).isEqualTo(1);
      proxy.hold();
      client.getOutputStream().write(2);
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      proxy.resume();
      client.setSoTimeout(10 * PATIENCE_MS);
      assertThat(client.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void breaksConnectionsWithAReset() throws IOException {
    try (Socket client = connect()) {
      assertThat(roundTrip(client, 1)).isEqualTo(1);
      proxy.reset();
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void addsItsLatencyToEachDirection() throws IOException {
    proxy.slow(Duration.ofMillis(50));
    try (Socket client = connect()) {
      long begun = System.nanoTime();
      assertThat(roundTrip(client, 1)).isEqualTo(1);
      assertThat(System.nanoTime() - begun).isGreaterThan(Duration.ofMillis(100).toNanos());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port());
    socket.setSoTimeout(PATIENCE_MS);
    return socket;
  }

  private static int roundTrip(Socket client, int value) throws IOException {
    client.getOutputStream().write(value);
    return client.getInputStream().read();
  }

  private void serve() {
    while (!echo.isClosed()) {
      try {
        Socket peer = echo.accept();
        Thread.ofVirtual().start(() -> echoAll(peer));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void echoAll(Socket peer) {
    try (peer) {
      peer.getInputStream().transferTo(peer.getOutputStream());
    } catch (IOException broken) {
      return;
    }
  }
}
