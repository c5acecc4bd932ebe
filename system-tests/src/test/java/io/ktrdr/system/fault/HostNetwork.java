package io.ktrdr.system.fault;

import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of this process's own: the host of the API ({@value #API_ADDRESS}, this JVM's network
 * namespace) and others on one switch. Must be made in a namespace that nobody else uses.
 */
final class HostNetwork implements AutoCloseable {

  static final String BRIDGE = "switch";
  static final String PREFIX = "/24";
  static final String API_ADDRESS = "10.99.1.1";

  private static final String ADDRESSES = "10.99.1.";

  private final Path root = RepositoryRoot.find();
  private final List<Host> hosts = new ArrayList<>();

  HostNetwork() {
    Commands.run("ip", "link", "set", "lo", "up");
    Commands.run("ip", "link", "add", BRIDGE, "type", "bridge");
    Commands.run("ip", "addr", "add", API_ADDRESS + PREFIX, "dev", BRIDGE);
    Commands.run("ip", "link", "set", BRIDGE, "up");
  }

  /**
   * One more host.
   *
   * @param number last part of its address, from 2
   * @param disks folder for its disk
   */
  Host host(int number, Path disks) {
    try {
      Path cache = Files.createDirectories(root.resolve(".ktrdr/cache"));
      Path disk = Files.createDirectories(disks.resolve("host-" + number));
      List<Path> hidden =
          List.of(root.resolve("data"), root.resolve("models"), root.resolve("strategies"));
      Host host = Host.start("host-" + number, ADDRESSES + number, hidden, cache, disk);
      hosts.add(host);
      return host;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Loses that share of all TCP packets between hosts, on both ways, until {@link #loseNothing}.
   */
  void lose(double share) {
    Commands.run(lossRule(BRIDGE, share));
    hosts.forEach(host -> host.run(lossRule("eth0", share)));
  }

  void loseNothing() {
    Commands.run("iptables", "-F", "INPUT");
    hosts.forEach(host -> host.run("iptables", "-F", "INPUT"));
  }

  static String[] lossRule(String device, double share) {
    return "iptables -A INPUT -i %s -p tcp -m statistic --mode random --probability %s -j DROP"
        .formatted(device, share)
        .split(" ", -1);
  }

  @Override
  public void close() {
    hosts.forEach(Host::close);
  }
}
