package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Free ports on the loopback interface. */
public final class TcpPorts {

  private static final int CONNECT_TIMEOUT_MS = 500;

  private TcpPorts() {}

  /** A port nobody listens on right now; whoever asked should listen soon. */
  public static int anyFree() {
    return free(1).getFirst();
  }

  /** The loopback address every server of ours listens on. */
  static InetAddress loopback() {
    return InetAddress.ofLiteral("127.0.0.1");
  }

  /** {@code count} distinct ports nobody listens on right now; whoever asked should listen soon. */
  public static List<Integer> free(int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, loopback()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      held.forEach(TcpPorts::release);
    }
  }

  /** Whether a server could listen on {@code port} of the loopback interface and of all others. */
  static boolean isFree(int port) {
    return canBind(new InetSocketAddress(loopback(), port))
        && canBind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port));
  }

  /** The first free port from {@code first} on, at most {@code span} further. */
  static int firstFreeFrom(int first, int span) {
    for (int port = first; port < first + span; port++) {
      if (isFree(port)) {
        return port;
      }
    }
    throw new StandaloneException(
        "NO_FREE_PORT",
        "No free port between " + first + " and " + (first + span - 1) + " on 127.0.0.1.");
  }

  /** Whether somebody accepts connections on {@code port} of the loopback interface. */
  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(loopback(), port), CONNECT_TIMEOUT_MS);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean canBind(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address, 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  private static void release(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
