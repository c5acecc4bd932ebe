package io.ktrdr.testkit;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.Layout;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.ProcessLedger;
import io.ktrdr.standalone.Readiness;
import io.ktrdr.standalone.StandaloneException;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What an API and a backtest worker load until they are ready, as the JVM's own archives of
 * classes: the tests start some hundred and fifty of them, each of which then reads, checks and
 * lays out three thousand classes once less. Made by one API and one worker that do nothing else,
 * and kept as long as the jars are the same. Without one, a process starts as ever.
 */
final class StartupArchives {

  private static final List<String> MODULES =
      List.of(Applications.API_MODULE, WorkerKind.BACKTEST.module());

  /** To end, and to write the archive. */
  private static final Duration WRITTEN_WITHIN = Duration.ofMinutes(2);

  private static final int NAME_LENGTH = 16;

  private final Layout layout;
  private final AtomicBoolean tried = new AtomicBoolean();

  StartupArchives(Layout layout) {
    this.layout = layout;
  }

  /** Flags of a module's processes; none when it has no archive. */
  List<String> flags(String module) {
    if (!MODULES.contains(module)) {
      return List.of();
    }
    Path archive = archive(module);
    return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
  }

  /**
   * Makes those that are missing, or tries to, once. What goes wrong is said, and costs nothing but
   * time.
   *
   * @param applications makes what can be started, given the flags of a module's processes
   */
  void make(
      ProcessLedger ledger,
      Path folder,
      Function<Function<String, List<String>>, Applications> applications) {
    if (tried.getAndSet(true)
        || MODULES.stream().allMatch(module -> Files.exists(archive(module)))) {
      return;
    }
    try {
      Files.createDirectories(layout.tests());
      start(
          ledger,
          applications.apply(
              module -> List.of("-XX:ArchiveClassesAtExit=" + made(folder, module))));
      for (String module : MODULES) {
        if (Files.exists(made(folder, module))) {
          removeOlder(module);
          Files.move(made(folder, module), archive(module), StandardCopyOption.ATOMIC_MOVE);
        } else {
          System.err.println("[testkit] no archive of the classes of " + module);
        }
      }
    } catch (IOException | StandaloneException e) {
      System.err.println("[testkit] processes start without archives of their classes: " + e);
    }
  }

  private static void start(ProcessLedger ledger, Applications applications) {
    int port = TcpPorts.anyFree();
    String url = "http://127.0.0.1:" + port;
    try (TestVirtualHost broker = TestBroker.freshVirtualHost()) {
      OwnedProcess api =
          ledger.start(applications.api(TestPostgres.emptyDatabase(), broker.access(), port));
      try {
        Readiness.awaitApi(api, url);
        int workerPort = TcpPorts.anyFree();
        OwnedProcess worker =
            ledger.start(applications.worker(WorkerKind.BACKTEST, 1, url, workerPort));
        try {
          Readiness.awaitWorker(worker, workerPort, url);
        } finally {
          worker.stop(WRITTEN_WITHIN);
        }
      } finally {
        api.stop(WRITTEN_WITHIN);
      }
    }
  }

  private static Path made(Path folder, String module) {
    return folder.resolve(module + ".jsa");
  }

  /** Named after all that the JVM holds an archive against. */
  private Path archive(String module) {
    StringBuilder all = new StringBuilder(System.getProperty("java.home"));
    for (Path jar : jars(module)) {
      all.append('\n').append(jar).append(' ').append(jar.toFile().length());
      all.append(' ').append(jar.toFile().lastModified());
    }
    String name = Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8)).hex();
    return layout.tests().resolve(module + "-" + name.substring(0, NAME_LENGTH) + ".jsa");
  }

  private List<Path> jars(String module) {
    Path target = layout.root().resolve(module).resolve("target");
    List<Path> jars = new ArrayList<>();
    for (Path folder : List.of(target, target.resolve("lib"))) {
      jars.addAll(list(folder, ".jar"));
    }
    return jars;
  }

  private void removeOlder(String module) throws IOException {
    for (Path file : list(layout.tests(), ".jsa")) {
      if (String.valueOf(file.getFileName()).startsWith(module + "-")) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static List<Path> list(Path folder, String end) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(entry -> entry.toString().endsWith(end)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
