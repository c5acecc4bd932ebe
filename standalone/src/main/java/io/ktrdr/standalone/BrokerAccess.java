package io.ktrdr.standalone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * How to reach one virtual host of a RabbitMQ broker.
 *
 * @param amqpUrl {@code amqp://user:password@host:port/vhost}
 * @param managementUrl base URL of the management UI and API, no trailing slash; empty when unknown
 * @param user log-in for both
 * @param password its password
 * @param virtualHost decoded name, such as {@code /}
 */
public record BrokerAccess(
    String amqpUrl, String managementUrl, String user, String password, String virtualHost) {

  private static final int AMQP_PORT_DEFAULT = 5672;
  private static final int AMQPS_PORT_DEFAULT = 5671;
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int MANAGEMENT_PORT_DEFAULT = 15672;

  /**
   * Reads {@code amqp://user:password@host:port/vhost}; the management API is taken to be on the
   * same host, port 15672, unless {@code managementUrl} says otherwise.
   *
   * @param managementUrl empty for the usual place
   * @throws StandaloneException {@code RABBITMQ_URL_INVALID} when it is no AMQP URL
   */
  public static BrokerAccess parse(String url, String managementUrl) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw invalid("it is not a URL (" + e.getReason() + ")");
    }
    boolean amqp = "amqp".equals(uri.getScheme()) || "amqps".equals(uri.getScheme());
    if (!amqp || uri.getHost() == null) {
      throw invalid("it must start with amqp:// or amqps:// and name a host");
    }
    String login = uri.getRawUserInfo() == null ? "guest:guest" : uri.getRawUserInfo();
    String[] parts = login.split(":", 2);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String virtualHost = path.length() < 2 ? "/" : decode(path.substring(1));
    String management =
        managementUrl.isEmpty()
            ? "http://" + uri.getHost() + ":" + MANAGEMENT_PORT_DEFAULT
            : managementUrl.replaceAll("/+$", "");
    // Clients differ on what an empty path means; the encoded name is the same to all.
    String full = path.length() < 2 ? url.replaceFirst("/?$", "/%2F") : url;
    return new BrokerAccess(
        full, management, decode(parts[0]), parts.length > 1 ? decode(parts[1]) : "", virtualHost);
  }

  /** The same broker and user, another virtual host. */
  public BrokerAccess withVirtualHost(String name) {
    URI uri = URI.create(amqpUrl);
    String base = amqpUrl.substring(0, amqpUrl.length() - pathAndMore(uri).length());
    return new BrokerAccess(base + "/" + encode(name), managementUrl, user, password, name);
  }

  /**
   * Connects once, by TCP.
   *
   * @throws StandaloneException {@code RABBITMQ_UNREACHABLE} when nobody listens
   */
  void requireReachable() {
    URI uri = URI.create(amqpUrl);
    int standard = "amqps".equals(uri.getScheme()) ? AMQPS_PORT_DEFAULT : AMQP_PORT_DEFAULT;
    int port = uri.getPort() < 0 ? standard : uri.getPort();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), CONNECT_TIMEOUT_MS);
    } catch (IOException e) {
      throw new StandaloneException(
          "RABBITMQ_UNREACHABLE",
          "Nobody answers on "
              + uri.getHost()
              + ":"
              + port
              + ". Check RABBITMQ_URL, or unset it to use a private broker.",
          e);
    }
  }

  private static String pathAndMore(URI uri) {
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return (uri.getRawPath() == null ? "" : uri.getRawPath()) + query;
  }

  private static StandaloneException invalid(String reason) {
    return new StandaloneException(
        "RABBITMQ_URL_INVALID",
        "The broker URL cannot be used: "
            + reason
            + ". Write it as amqp://user:password@host:5672/.");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
