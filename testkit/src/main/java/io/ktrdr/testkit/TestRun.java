package io.ktrdr.testkit;

import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.Layout;
import io.ktrdr.standalone.PostgresConfig;
import io.ktrdr.standalone.ProcessLedger;
import io.ktrdr.standalone.RabbitConfig;
import io.ktrdr.standalone.ServerRemains;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The folder {@code .ktrdr/test/<pid>} of this JVM and all that runs from it. Made on first use,
 * emptied by a shutdown hook; folders of JVMs that were killed are swept when the first is made.
 */
final class TestRun {

  /** Nothing a test broker holds is worth waiting for. */
  private static final Duration BROKER_GRACE = Duration.ofSeconds(2);

  private static final Duration PROCESS_GRACE = Duration.ofSeconds(5);

  /** The boot time that start instants are derived from may move a little. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(2);

  /**
   * Processes of a test live for seconds, in which a JVM spends more on compiling well than on its
   * work: two fifths of what an API costs up to its first answer.
   */
  private static final String COMPILED_ONCE = "-XX:TieredStopAtLevel=1";

  /** System property: {@code true} for processes that run as the product's do, slower to start. */
  private static final String AS_INSTALLED = "ktrdr.test.as-installed";

  private static final AtomicInteger OWN_SERVERS = new AtomicInteger();

  private static final TestRun CURRENT = new TestRun();

  private final Layout layout = new Layout(RepositoryRoot.find());
  private final Path folder = layout.tests().resolve(Long.toString(ProcessHandle.current().pid()));
  private final StartupArchives archives = new StartupArchives(layout);
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private TestRun() {
    sweepDead();
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("started"), startOf(ProcessHandle.current()).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "testkit-end"));
  }

  static TestRun current() {
    return CURRENT;
  }

  Layout layout() {
    return layout;
  }

  /** This JVM's own folder; deleted when it ends. */
  Path folder() {
    return folder;
  }

  /**
   * What can be started here.
   *
   * @param name of a folder in this JVM's, for its logs
   */
  Applications applications(String name) {
    return applications(
        name,
        Boolean.getBoolean(AS_INSTALLED)
            ? _ -> List.of()
            : module -> quick(archives.flags(module)));
  }

  /** Makes what lets the processes of tests start in less time, once. */
  void prepareStarts() {
    if (!Boolean.getBoolean(AS_INSTALLED)) {
      archives.make(
          ledger(), folder, flags -> applications("startup", module -> quick(flags.apply(module))));
    }
  }

  private Applications applications(String name, Function<String, List<String>> jvmFlags) {
    return new Applications(
        layout,
        folder.resolve(name).resolve("logs"),
        layout.root().resolve("models"),
        layout.cache(),
        jvmFlags);
  }

  private static List<String> quick(List<String> more) {
    List<String> flags = new ArrayList<>(List.of(COMPILED_ONCE));
    flags.addAll(more);
    return flags;
  }

  /** Every process started for the tests of this JVM besides the two servers. */
  ProcessLedger ledger() {
    return ledger(folder);
  }

  PostgresConfig postgresConfig() {
    return postgresConfig(folder);
  }

  RabbitConfig rabbitConfig() {
    return rabbitConfig(folder);
  }

  /** A server for one test alone, which may kill it: what it has confirmed is on disk. */
  PostgresConfig ownPostgresConfig() {
    Path own = folder.resolve("postgres-" + OWN_SERVERS.incrementAndGet());
    return new PostgresConfig(
        own, layout.runtime(), folder.resolve(own.getFileName() + ".log"), true, ledger()::start);
  }

  /** A node for one test alone, which may kill it. */
  RabbitConfig ownRabbitConfig() {
    Path own = folder.resolve("rabbitmq-" + OWN_SERVERS.incrementAndGet());
    return new RabbitConfig(
        own,
        layout.runtime(),
        folder.resolve(own.getFileName() + ".log"),
        BROKER_GRACE,
        ledger()::start,
        line -> System.err.println("[testkit] " + line));
  }

  /** Closed, last first, when the JVM ends. */
  <T extends AutoCloseable> T closeAtEnd(T resource) {
    synchronized (open) {
      open.push(resource);
    }
    return resource;
  }

  private void end() {
    synchronized (open) {
      while (!open.isEmpty()) {
        closeOne(open.pop());
      }
    }
    ledger().stopAll(PROCESS_GRACE, _ -> {});
    delete(folder);
  }

  private static void closeOne(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // The rest must still be closed; the next run sweeps what this one left.
      System.err.println("Could not close " + resource + ": " + e);
    }
  }

  private void sweepDead() {
    try {
      Files.createDirectories(layout.tests());
      try (FileChannel channel =
              FileChannel.open(
                  layout.tests().resolve("sweep.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock();
          Stream<Path> entries = Files.list(layout.tests())) {
        if (lock.isValid()) {
          entries.filter(Files::isDirectory).filter(TestRun::isDead).forEach(this::sweep);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void sweep(Path dead) {
    ledger(dead).stopAll(PROCESS_GRACE, _ -> {});
    ServerRemains.stop(postgresConfig(dead), rabbitConfig(dead));
    delete(dead);
  }

  /** Dead when no process has that id, or one that started at another time. */
  private static boolean isDead(Path run) {
    try {
      long pid = Long.parseLong(String.valueOf(run.getFileName()));
      Path started = run.resolve("started");
      Optional<ProcessHandle> process = ProcessHandle.of(pid);
      if (process.isEmpty() || !Files.exists(started)) {
        return process.isEmpty();
      }
      Instant recorded = Instant.parse(Files.readString(started));
      Duration apart = Duration.between(recorded, startOf(process.get())).abs();
      return apart.compareTo(START_TOLERANCE) > 0;
    } catch (NumberFormatException | DateTimeParseException notOurs) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant startOf(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  private PostgresConfig postgresConfig(Path run) {
    return new PostgresConfig(
        run.resolve("postgres"),
        layout.runtime(),
        run.resolve("postgres.log"),
        false,
        ledger(run)::start);
  }

  private RabbitConfig rabbitConfig(Path run) {
    return new RabbitConfig(
        run.resolve("rabbitmq"),
        layout.runtime(),
        run.resolve("rabbitmq.log"),
        BROKER_GRACE,
        ledger(run)::start,
        line -> System.err.println("[testkit] " + line));
  }

  private static ProcessLedger ledger(Path run) {
    return new ProcessLedger(run.resolve("processes.jsonl"));
  }

  private static void delete(Path run) {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(run)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Path path : deepestFirst) {
      if (!path.toFile().delete() && Files.exists(path)) {
        System.err.println("[testkit] could not delete " + path);
      }
    }
  }
}
