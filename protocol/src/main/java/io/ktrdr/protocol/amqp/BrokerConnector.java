package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.tls.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * Opens connections to one broker, or to whichever node of a cluster answers first. With {@code
 * amqps} the certificate's chain and its host name are checked. The client's automatic recovery is
 * off: it can lose a consumer for good, so {@link QueueConsumer} and {@link ConfirmedPublisher}
 * reconnect by themselves.
 *
 * <p>Thread-safe.
 */
public final class BrokerConnector {

  /** How long opening a connection may take before the broker counts as away. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private static final int HANDSHAKE_TIMEOUT_MS = 5_000;
  private static final int CHANNEL_RPC_TIMEOUT_MS = 10_000;

  /** A connection that says nothing for two of these is given up: a half-open one within 10 s. */
  private static final int HEARTBEAT_SECONDS = 5;

  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Address> addresses;
  private final String clientName;
  private final Topology topology;

  /** As the other, with the queues of the built-in types and the JVM's trust. */
  public BrokerConnector(String url, String clientName) {
    this(url, clientName, new Topology(OperationType.BUILT_IN), Trust.ofJvm());
  }

  /**
   * @param url {@code amqp://user:password@host:port/vhost}; {@code amqps} for TLS; a cluster's
   *     nodes as {@code host:port,host:port,…}
   * @param clientName shown in the management UI, e.g. {@code backtest-worker-3 (backtesting)}
   * @param topology declared on every connection that needs it
   * @param trust whose certificates are believed, for {@code amqps}
   * @throws IllegalArgumentException when the URL cannot be read; the message omits the password
   */
  public BrokerConnector(String url, String clientName, Topology topology, Trust trust) {
    BrokerUrl parsed = BrokerUrl.parse(url);
    try {
      factory.setUri(parsed.ofFirst());
    } catch (URISyntaxException e) {
      // Without the cause, which quotes the URL with its password.
      throw BrokerUrl.unreadable(" (%s)".formatted(e.getReason().toLowerCase(Locale.ROOT)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
    if (parsed.tls()) {
      factory.useSslProtocol(trust.sslContext());
      factory.enableHostnameVerification();
    }
    this.addresses = parsed.addresses();
    this.clientName = "%s @%s".formatted(clientName, hostName());
    this.topology = topology;
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setConnectionTimeout((int) CONNECT_TIMEOUT.toMillis());
    factory.setHandshakeTimeout(HANDSHAKE_TIMEOUT_MS);
    factory.setChannelRpcTimeout(CHANNEL_RPC_TIMEOUT_MS);
    factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
    factory.setThreadFactory(Thread.ofPlatform().daemon().name("amqp-", 0).factory());
  }

  /** What this connector's processes declare. */
  public Topology topology() {
    return topology;
  }

  /**
   * @param purpose added to the client's name: consume, publish
   */
  Connection open(String purpose) throws IOException, TimeoutException {
    // In another order each time: clients spread over the nodes, and no dead one is always first.
    List<Address> tried = new ArrayList<>(addresses);
    Collections.shuffle(tried);
    return factory.newConnection(tried, "%s %s".formatted(clientName, purpose));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }
}
