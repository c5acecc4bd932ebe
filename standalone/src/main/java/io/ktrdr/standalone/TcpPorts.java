package io.ktrdr.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free ports on the loopback interface, from below those that systems give to connections going
 * out. One from among these can be taken between its choice and its use by any connection, and
 * while its server is away a client that tries again and again can end up connected to itself.
 * Thread-safe.
 */
public final class TcpPorts {

  private static final int FIRST = 20_000;
  private static final int BEHIND_LAST = 32_000;
  private static final int CONNECT_TIMEOUT_MS = 500;

  /** None is given out twice by one process before all were; processes begin at random. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(BEHIND_LAST - FIRST));

  private TcpPorts() {}

  /** A port nobody listens on right now; whoever asked should listen soon. */
  public static int anyFree() {
    return free(1).getFirst();
  }

  /** The loopback address every server of ours listens on. */
  static InetAddress loopback() {
    return InetAddress.ofLiteral("127.0.0.1");
  }

  /**
   * {@code count} distinct ports nobody listens on right now; whoever asked should listen soon.
   *
   * @throws StandaloneException {@code NO_FREE_PORT} when there are not so many
   */
  public static List<Integer> free(int count) {
    List<Integer> free = new ArrayList<>();
    for (int tries = FIRST; tries < BEHIND_LAST && free.size() < count; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), BEHIND_LAST - FIRST);
      if (isFree(port)) {
        free.add(port);
      }
    }
    if (free.size() < count) {
      throw noneFree(FIRST, BEHIND_LAST);
    }
    return List.copyOf(free);
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
    throw noneFree(first, first + span);
  }

  private static StandaloneException noneFree(int first, int behindLast) {
    return new StandaloneException(
        "NO_FREE_PORT",
        "No free port between " + first + " and " + (behindLast - 1) + " on 127.0.0.1.");
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
}
