package io.ktrdr.worker.runtime;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where others reach this worker's health endpoint, and which address it listens on. */
record Endpoint(String url, InetAddress bindAddress) {

  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
  private static final int ANY_PORT = 80;

  /**
   * The configured URL, else the local address of a route towards the API. A worker whose API is on
   * this machine's loopback listens there only; any other listens on all addresses.
   */
  static Endpoint of(WorkerConfig config) {
    InetAddress towardsApi = localAddressTowards(config.apiUrl());
    InetAddress bind =
        towardsApi.isLoopbackAddress() ? towardsApi : new InetSocketAddress(0).getAddress();
    String url =
        config
            .endpointUrl()
            .orElseGet(() -> "http://%s:%d".formatted(towardsApi.getHostAddress(), config.port()));
    return new Endpoint(url, bind);
  }

  private static InetAddress localAddressTowards(URI apiUrl) {
    // Connecting a datagram socket sends nothing; it only picks the route.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(apiUrl.getHost(), ANY_PORT));
      InetAddress address = socket.getLocalAddress();
      LOG.info("Auto-detected worker IP address: {}", address.getHostAddress());
      return address;
    } catch (IOException | java.io.UncheckedIOException e) {
      LOG.warn(
          "No route towards {} yet ({}); using the host's name, which other hosts may not resolve:"
              + " set WORKER_ENDPOINT_URL",
          apiUrl.getHost(),
          e.getMessage());
      return localHost();
    }
  }

  private static InetAddress localHost() {
    try {
      return InetAddress.getLocalHost();
    } catch (UnknownHostException e) {
      return InetAddress.getLoopbackAddress();
    }
  }
}
