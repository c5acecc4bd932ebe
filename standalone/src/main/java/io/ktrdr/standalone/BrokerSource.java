package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Where the RabbitMQ that we run comes from. */
sealed interface BrokerSource {

  /** A broker installed on this machine; only its programs are used, as a private node. */
  record Installed(Path sbin) implements BrokerSource {}

  /** Debian's or Ubuntu's packages, unpacked into a folder of ours without root. */
  record DebianPackages() implements BrokerSource {}

  /** The official image in a Docker engine. */
  record DockerImage(String image) implements BrokerSource {}

  /** The image used with Docker. */
  String IMAGE = "rabbitmq:4-management";

  /** {@code docker info} hangs when its engine does. */
  Duration DOCKER_PROBE_LIMIT = Duration.ofSeconds(10);

  /** Fixed places of a broker's own script; Debian's wrapper in /usr/sbin insists on its user. */
  List<String> SCRIPT_FOLDERS =
      List.of(
          "/usr/lib/rabbitmq/bin",
          "/usr/local/opt/rabbitmq/sbin",
          "/opt/homebrew/opt/rabbitmq/sbin");

  /** Folders that may hold {@code rabbitmq_server-<version>/sbin}. */
  List<String> VERSION_FOLDERS =
      List.of("/usr/lib/rabbitmq/lib", "/usr/local/lib", "/usr/lib", "/opt", "/opt/rabbitmq");

  /**
   * The first that is possible: installed, Debian packages, Docker.
   *
   * @throws StandaloneException {@code RABBITMQ_MISSING} saying what to install
   */
  static BrokerSource choose() {
    return choose(
        installation(Path.of("/")),
        Programs.find("apt-get").isPresent() && Programs.find("dpkg").isPresent(),
        BrokerSource::dockerAnswers);
  }

  static BrokerSource choose(Optional<Path> installed, boolean debian, BooleanSupplier docker) {
    if (installed.isPresent()) {
      return new Installed(installed.get());
    }
    if (debian) {
      return new DebianPackages();
    }
    if (docker.getAsBoolean()) {
      return new DockerImage(IMAGE);
    }
    throw new StandaloneException(
        "RABBITMQ_MISSING",
        """
        No RabbitMQ found. Do one of these and try again:
          macOS:          brew install rabbitmq
          Fedora, RHEL:   dnf install rabbitmq-server
          Docker engine:  start it; the image %s is then used
          your own:       RABBITMQ_URL=amqp://user:password@host:5672/ ./ktrdr up\
        """
            .formatted(IMAGE));
  }

  /** The folder of an installed broker's {@code rabbitmq-server} script, newest version last. */
  static Optional<Path> installation(Path machineRoot) {
    List<Path> candidates = new ArrayList<>();
    for (String folder : SCRIPT_FOLDERS) {
      candidates.add(machineRoot.resolve(folder.substring(1)));
    }
    for (String folder : VERSION_FOLDERS) {
      candidates.addAll(versionsIn(machineRoot.resolve(folder.substring(1))));
    }
    return candidates.stream()
        .filter(sbin -> Files.isExecutable(sbin.resolve("rabbitmq-server")))
        .findFirst();
  }

  private static List<Path> versionsIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> found =
          new ArrayList<>(
              entries
                  .filter(p -> String.valueOf(p.getFileName()).startsWith("rabbitmq_server-"))
                  .map(p -> p.resolve("sbin"))
                  .sorted()
                  .toList());
      Collections.reverse(found);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean dockerAnswers() {
    return Programs.find("docker").isPresent()
        && Programs.run(List.of("docker", "info"), Map.of(), Path.of("/"), DOCKER_PROBE_LIMIT)
            .succeeded();
  }
}
