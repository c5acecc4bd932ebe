package io.ktrdr.testkit;

import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.TcpPorts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network in one object: passes TCP connections on an address of this host to a server, and can
 * be made slow, silent, broken or absent while it does. Two virtual threads a connection, at most
 * {@value #CONNECTIONS_MAX} connections. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

  private static final int CONNECTIONS_MAX = 128;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int BACKLOG = 64;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final String address;
  private final InetSocketAddress target;
  private final int port;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition flowing = lock.newCondition();
  private ServerSocket listener;
  private Thread acceptor;
  private boolean requestsHeld;
  private boolean answersHeld;
  private volatile Duration latency = Duration.ZERO;
  private volatile boolean closed;

  private TcpProxy(String address, InetSocketAddress target) {
    this.address = address;
    this.target = target;
    this.listener = listen(TcpPorts.anyFree());
    this.port = listener.getLocalPort();
    this.acceptor = acceptOn(listener);
  }

  /** A proxy on 127.0.0.1 in front of a server; everything passes until told otherwise. */
  public static TcpProxy to(String host, int port) {
    return on(SystemPlan.LOOPBACK, host, port);
  }

  /**
   * As {@link #to}, for clients on other hosts.
   *
   * @param address literal, of this host
   */
  public static TcpProxy on(String address, String host, int port) {
    return TestRun.current().closeAtEnd(new TcpProxy(address, new InetSocketAddress(host, port)));
  }

  /** The port it listens on, the same for its whole life. */
  public int port() {
    return port;
  }

  /** How to reach {@code behind}, which must be the server of this proxy, through it. */
  public DatabaseAccess through(DatabaseAccess behind) {
    return new DatabaseAccess(address, port, behind.database(), behind.user(), behind.password());
  }

  /** How to reach {@code behind}, which must be the server of this proxy, through it. */
  public BrokerAccess through(BrokerAccess behind) {
    URI url = URI.create(behind.amqpUrl());
    String login = url.getRawUserInfo();
    String amqp = "amqp://" + login + "@" + address + ":" + port + url.getRawPath();
    return new BrokerAccess(
        amqp, behind.managementUrl(), behind.user(), behind.password(), behind.virtualHost());
  }

  /** Adds this much to the way of every chunk, in each direction. */
  public void slow(Duration each) {
    latency = each;
  }

  /**
   * Breaks every connection and refuses new ones, as a server that is down does: from the return of
   * this call on.
   */
  public void down() {
    lock.lock();
    try {
      closeQuietly(listener);
      // The system's socket listens until the thread that accepts on it has let go of it.
      if (!acceptor.join(CLOSE_LIMIT)) {
        throw new IllegalStateException("proxy still listens on " + port);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    links.forEach(Link::close);
  }

  /**
   * Passes nothing any more and says nothing: connections stay open, as behind a network that drops
   * packets. What is sent meanwhile arrives after {@link #resume()}, as by retransmission.
   */
  public void hold() {
    holding(true, true);
  }

  /** As {@link #hold()} for what the server says only: it hears its clients, they hear nothing. */
  public void holdAnswers() {
    holding(false, true);
  }

  /** Breaks every connection with a TCP reset; new ones are accepted. */
  public void reset() {
    links.forEach(Link::reset);
  }

  /** Ends {@link #down()}, {@link #hold()} and {@link #slow}. */
  public void resume() {
    latency = Duration.ZERO;
    holding(false, false);
    lock.lock();
    try {
      if (listener.isClosed() && !closed) {
        ServerSocket again = listen(port);
        listener = again;
        acceptor = acceptOn(again);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Connections that are open right now. */
  public int connections() {
    return links.size();
  }

  @Override
  public void close() {
    closed = true;
    down();
    holding(false, false);
  }

  private void holding(boolean requests, boolean answers) {
    lock.lock();
    try {
      requestsHeld = requests;
      answersHeld = answers;
      flowing.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitFlow(boolean request) throws InterruptedException {
    lock.lock();
    try {
      while (request ? requestsHeld : answersHeld) {
        flowing.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private ServerSocket listen(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), BACKLOG);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException("proxy cannot listen on " + port, e);
    }
  }

  private Thread acceptOn(ServerSocket socket) {
    return Thread.ofVirtual().name("proxy-" + port).start(() -> acceptAll(socket));
  }

  private void acceptAll(ServerSocket on) {
    while (!on.isClosed()) {
      try {
        Socket client = on.accept();
        if (room.tryAcquire()) {
          Thread.ofVirtual().start(() -> connect(client));
        } else {
          closeQuietly(client);
        }
      } catch (IOException closing) {
        // The listener was closed: down() or close().
        closeQuietly(on);
      }
    }
  }

  private void connect(Socket client) {
    try (Socket server = new Socket()) {
      awaitFlow(true);
      server.connect(target, (int) CONNECT_LIMIT.toMillis());
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      Link link = new Link(client, server);
      links.add(link);
      try {
        link.run();
      } finally {
        links.remove(link);
      }
    } catch (IOException nobodyThere) {
      closeQuietly(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeQuietly(client);
      room.release();
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // Broken already, which is what was wanted.
      Thread.onSpinWait();
    }
  }

  /** One connection: the client's socket and ours to the server. */
  private final class Link {
    private final Socket client;
    private final Socket server;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void run() throws InterruptedException {
      Thread answers = Thread.ofVirtual().start(() -> pump(server, client, false));
      pump(client, server, true);
      answers.join();
    }

    private void pump(Socket from, Socket to, boolean request) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          awaitFlow(request);
          if (latency.isPositive()) {
            LockSupport.parkNanos(latency.toNanos());
          }
          out.write(buffer, 0, n);
        }
        awaitFlow(request);
      } catch (IOException broken) {
        // One side is gone, so the other goes too.
        close();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      close();
    }

    void close() {
      closeQuietly(client);
      closeQuietly(server);
    }

    void reset() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException gone) {
          closeQuietly(socket);
        }
      }
      close();
    }
  }
}
