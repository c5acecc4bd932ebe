package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.ktrdr.protocol.OperationType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Opens connections to one broker. The client's automatic recovery is off: it can lose a consumer
 * for good, so {@link QueueConsumer} and {@link ConfirmedPublisher} reconnect by themselves.
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
  private final String clientName;
  private final Topology topology;

  /** As the other, with the queues of the built-in types. */
  public BrokerConnector(String url, String clientName) {
    this(url, clientName, new Topology(OperationType.BUILT_IN));
  }

  /**
   * @param url {@code amqp://user:password@host:port/vhost}
   * @param clientName shown in the management UI, e.g. {@code backtest-worker-3 (backtesting)}
   * @param topology declared on every connection that needs it
   * @throws IllegalArgumentException when the URL cannot be read; the message omits the password
   */
  public BrokerConnector(String url, String clientName, Topology topology) {
    try {
      factory.setUri(url);
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "RABBITMQ_URL cannot be read, expected amqp://user:password@host:port/vhost", e);
    }
    this.clientName = clientName;
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
    return factory.newConnection("%s %s".formatted(clientName, purpose));
  }
}
