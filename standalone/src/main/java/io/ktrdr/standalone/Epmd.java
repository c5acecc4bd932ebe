package io.ktrdr.standalone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The Erlang port mapper that a node starts and leaves behind when it ends. Spoken to by its own
 * protocol (a 16-bit length, then one letter), so no Erlang program is needed to end it.
 */
final class Epmd {

  private static final int TIMEOUT_MS = 2_000;
  private static final int SYSTEM_PORT = 4369;
  private static final byte[] KILL_REQUEST = {0, 1, 'k'};

  private Epmd() {}

  /**
   * Ends the port mapper on {@code port} of 127.0.0.1. It refuses while a node is still registered.
   *
   * @return whether nothing answers there any more
   */
  static boolean kill(int port) {
    if (port == SYSTEM_PORT) {
      throw new IllegalArgumentException("the system's epmd is never ours to end");
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(TcpPorts.loopback(), port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(KILL_REQUEST);
      String answer = new String(socket.getInputStream().readNBytes(2), StandardCharsets.US_ASCII);
      return answer.equals("OK");
    } catch (IOException nobodyThere) {
      return true;
    }
  }
}
