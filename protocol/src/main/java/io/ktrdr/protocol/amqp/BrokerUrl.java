package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code amqp://user:password@host:port/vhost}, or {@code amqps://…}; a cluster's nodes separated
 * by commas: {@code amqp://user:password@h1:5672,h2:5672,h3:5672/vhost}.
 *
 * @param tls whether it is amqps
 * @param addresses at least one
 * @param ofFirst the first address alone, in a URL the client can read
 */
record BrokerUrl(boolean tls, List<Address> addresses, String ofFirst) {

  private static final int PORT = 5672;
  private static final int TLS_PORT = 5671;
  private static final int PORT_MAX = 65_535;

  /** Scheme, log-in with its @, addresses, virtual host and what else there is. */
  private static final Pattern FORM = Pattern.compile("(amqps?)://([^/?]*@)?([^/?@]+)([/?].*)?");

  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]\\s]+)(?::(\\d{1,5}))?");

  BrokerUrl {
    addresses = List.copyOf(addresses);
  }

  /**
   * @throws IllegalArgumentException when it has another form; the message omits the password
   */
  static BrokerUrl parse(String url) {
    Matcher form = FORM.matcher(url);
    if (!form.matches()) {
      throw unreadable("");
    }
    boolean tls = form.group(1).equals("amqps");
    List<Address> addresses = new ArrayList<>();
    for (String text : form.group(3).split(",", -1)) {
      addresses.add(address(text.trim(), tls ? TLS_PORT : PORT));
    }
    Address first = addresses.getFirst();
    String login = form.group(2) == null ? "" : form.group(2);
    String rest = form.group(4) == null ? "" : form.group(4);
    return new BrokerUrl(
        tls,
        addresses,
        "amqp://%s%s:%d%s".formatted(login, first.getHost(), first.getPort(), rest));
  }

  private static Address address(String text, int portWhenAbsent) {
    Matcher parts = ADDRESS.matcher(text);
    if (!parts.matches()) {
      throw unreadable(" ('%s' is no host:port)".formatted(text));
    }
    int port = parts.group(2) == null ? portWhenAbsent : Integer.parseInt(parts.group(2));
    if (port < 1 || port > PORT_MAX) {
      throw unreadable(" (%d is no port)".formatted(port));
    }
    return new Address(parts.group(1), port);
  }

  static IllegalArgumentException unreadable(String why) {
    return new IllegalArgumentException(
        "RABBITMQ_URL cannot be read%s, expected amqp://user:password@host:port/vhost"
            .formatted(why));
  }
}
