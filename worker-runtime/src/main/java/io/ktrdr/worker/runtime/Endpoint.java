package io.ktrdr.worker.runtime;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where others reach this worker's health endpoint, and which address it listens on.
 *
 * <p>A worker whose API is on this machine's loopback listens there only; any other listens on all
 * addresses.
 */
final class Endpoint {

  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
  private static final int ANY_PORT = 80;

  private final WorkerConfig config;
  private @Nullable String host;
  private boolean warned;

  Endpoint(WorkerConfig config) {
    this.config = config;
  }

  InetAddress bindAddress() {
    return localAddressTowardsApi()
        .filter(InetAddress::isLoopbackAddress)
        .orElseGet(() -> new InetSocketAddress(0).getAddress());
  }

  /**
   * The configured URL; else the local address of a route towards the API; while there is none, the
   * host's name.
   *
   * @param port the one that is really listened on
   */
  String url(int port) {
    return config.endpointUrl().orElseGet(() -> "http://%s:%d".formatted(host(), port));
  }

  private String host() {
    if (host == null) {
      Optional<InetAddress> address = localAddressTowardsApi();
      if (address.isEmpty()) {
        return hostName();
      }
      LOG.info("Auto-detected worker IP address: {}", address.get().getHostAddress());
      host = written(address.get());
    }
    return host;
  }

  private Optional<InetAddress> localAddressTowardsApi() {
    // Connecting a datagram socket sends nothing; it only picks the route.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(config.apiUrl().getHost(), ANY_PORT));
      return Optional.of(socket.getLocalAddress());
    } catch (IOException | java.io.UncheckedIOException e) {
      LOG.debug("No route towards the API: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private String hostName() {
    String name;
    try {
      name = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      name = "localhost";
    }
    if (!warned) {
      warned = true;
      LOG.warn(
          "Using hostname for endpoint URL: {}. This may not work in multi-host deployments."
              + " Set WORKER_ENDPOINT_URL to the address others reach this worker at.",
          name);
    }
    return name;
  }

  private static String written(InetAddress address) {
    String text = address.getHostAddress();
    return address instanceof Inet6Address ? "[%s]".formatted(text.replaceFirst("%.*", "")) : text;
  }
}
