package io.ktrdr.standalone;

import java.nio.file.Path;

/**
 * Where everything is: the repository's root and, under {@code .ktrdr/} (never committed), all the
 * embedded default keeps.
 *
 * @param root absolute path of the repository
 */
public record Layout(Path root) {

  /** Makes {@code root} absolute, so that recorded paths stay true in another folder. */
  public Layout {
    root = root.toAbsolutePath().normalize();
  }

  /** All state of the embedded default; deleting it (while nothing runs) is a fresh start. */
  public Path home() {
    return root.resolve(".ktrdr");
  }

  /** Unpacked server binaries, shared by {@code up} and the tests. */
  public Path runtime() {
    return home().resolve("runtime");
  }

  /** The private Postgres: data, password, port. */
  public Path postgres() {
    return home().resolve("postgres");
  }

  /** The private RabbitMQ node: configuration, data, password, ports. */
  public Path rabbitmq() {
    return home().resolve("rabbitmq");
  }

  /** One log file per process. */
  public Path logs() {
    return home().resolve("logs");
  }

  /** What runs right now. */
  public Path run() {
    return home().resolve("run");
  }

  /** What workers may keep between runs. */
  public Path cache() {
    return home().resolve("cache");
  }

  /** State of test JVMs, one folder per process id. */
  public Path tests() {
    return home().resolve("test");
  }
}
