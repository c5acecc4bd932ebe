package io.ktrdr.standalone;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The ports of one node, all on 127.0.0.1. They are kept, so that the management UI stays where it
 * was, as long as nobody else took one.
 *
 * @param amqp where clients connect
 * @param management management UI and API
 * @param prometheus metrics
 * @param distribution Erlang distribution
 * @param epmd the Erlang port mapper of this node alone, never the system's
 */
record RabbitPorts(int amqp, int management, int prometheus, int distribution, int epmd) {

  private static final int COUNT = 5;

  /** The kept ports if all are free, else new ones; kept in {@code file}. */
  static RabbitPorts choose(Path file) {
    RabbitPorts ports = read(file).filter(RabbitPorts::areFree).orElseGet(RabbitPorts::fresh);
    ports.write(file);
    return ports;
  }

  static Optional<RabbitPorts> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties kept = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      kept.load(reader);
      return Optional.of(
          new RabbitPorts(
              port(kept, "amqp"),
              port(kept, "management"),
              port(kept, "prometheus"),
              port(kept, "distribution"),
              port(kept, "epmd")));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + file, e);
    } catch (IllegalArgumentException damaged) {
      return Optional.empty();
    }
  }

  private static RabbitPorts fresh() {
    List<Integer> free = TcpPorts.free(COUNT);
    return new RabbitPorts(free.get(0), free.get(1), free.get(2), free.get(3), free.get(4));
  }

  private boolean areFree() {
    return Stream.of(amqp, management, prometheus, distribution, epmd).allMatch(TcpPorts::isFree);
  }

  private void write(Path file) {
    Folders.writePrivate(
        file,
        """
        amqp=%d
        management=%d
        prometheus=%d
        distribution=%d
        epmd=%d
        """
            .formatted(amqp, management, prometheus, distribution, epmd));
  }

  private static int port(Properties kept, String name) {
    return Integer.parseInt(kept.getProperty(name, "missing"));
  }
}
