package io.ktrdr.standalone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The broker as a container: the last resort where neither a broker nor apt is at hand. */
final class RabbitContainer {

  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);

  /** Present while a container of this folder may exist. */
  private static final String NOTE = "container";

  private RabbitContainer() {}

  static ProcessSpec prepare(
      RabbitConfig config, RabbitPorts ports, String password, String image) {
    Folders.writePrivate(config.directory().resolve(NOTE), name(config) + "\n");
    return new ProcessSpec(
        "rabbitmq",
        command(name(config), ports, image),
        Map.of("KTRDR_CONF", configuration(password)),
        List.of(),
        config.directory(),
        config.log(),
        name(config));
  }

  /** The container's and its volume's name; one per folder. */
  static String name(RabbitConfig config) {
    return "ktrdr-rabbitmq-"
        + Integer.toHexString(config.directory().toAbsolutePath().toString().hashCode());
  }

  static List<String> command(String name, RabbitPorts ports, String image) {
    return List.of(
        "docker",
        "run",
        "--rm",
        "--name",
        name,
        "--hostname",
        "ktrdr",
        "--volume",
        name + ":/var/lib/rabbitmq",
        "--env",
        "KTRDR_CONF",
        "--publish",
        "127.0.0.1:" + ports.amqp() + ":5672",
        "--publish",
        "127.0.0.1:" + ports.management() + ":15672",
        "--publish",
        "127.0.0.1:" + ports.prometheus() + ":15692",
        "--entrypoint",
        "sh",
        image,
        "-c",
        "printf '%b' \"$KTRDR_CONF\" > /etc/rabbitmq/conf.d/20-ktrdr.conf"
            + " && exec docker-entrypoint.sh rabbitmq-server");
  }

  /** Stops the container, giving it the node's grace. */
  static void stop(RabbitConfig config) {
    String seconds = Long.toString(Math.max(1, config.stopGrace().toSeconds()));
    docker(List.of("docker", "stop", "--time", seconds, name(config)));
    remove(config);
  }

  /** Removes the container whatever it does; its volume, with the data, stays. */
  static void remove(RabbitConfig config) {
    docker(List.of("docker", "rm", "--force", name(config)));
    Folders.deleteQuietly(config.directory().resolve(NOTE));
  }

  static void removeLeftOver(RabbitConfig config) {
    if (Files.exists(config.directory().resolve(NOTE))) {
      remove(config);
    }
  }

  private static void docker(List<String> command) {
    Programs.run(command, Map.of(), Path.of("/"), COMMAND_LIMIT);
  }

  /**
   * Handed over in the environment: a mounted file would have to be readable by the image's user.
   */
  private static String configuration(String password) {
    return String.join(
        "\n",
        "default_user = " + RabbitServer.USER,
        "default_pass = " + password,
        "consumer_timeout = " + RabbitNode.CONSUMER_TIMEOUT_MS,
        "collect_statistics_interval = 1000",
        "");
  }
}
