package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How to start KTRDR's own processes from the modules' {@code target/} folders, with the JDK that
 * runs this code.
 *
 * @param layout the repository
 * @param logs folder for {@code api.log}, {@code backtest-worker-1.log}, …
 * @param models folder the API keeps models in
 * @param cache folder workers may keep things in
 * @param jvmFlags flags the processes of a module, such as {@code api-server}, get before their own
 */
public record Applications(
    Layout layout, Path logs, Path models, Path cache, Function<String, List<String>> jvmFlags) {

  /** The module of the API. */
  public static final String API_MODULE = "api-server";

  private static final List<String> SHORT_LIVED =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
  private static final int API_HEAP_MEGABYTES = 512;
  private static final int WORKER_GRACE_SECONDS = 10;
  private static final String HOST = "127.0.0.1";

  /** With no flags but their own. */
  public Applications(Layout layout, Path logs, Path models, Path cache) {
    this(layout, logs, models, cache, _ -> List.of());
  }

  /** The processes of {@code ./ktrdr up}. */
  public static Applications of(Layout layout) {
    return new Applications(layout, layout.logs(), layout.root().resolve("models"), layout.cache());
  }

  /** The API on {@code port} of 127.0.0.1. */
  public ProcessSpec api(DatabaseAccess database, BrokerAccess broker, int port) {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABASE_URL", database.url());
    environment.put("RABBITMQ_URL", broker.amqpUrl());
    environment.put("KTRDR_API_HOST", HOST);
    environment.put("KTRDR_API_PORT", Integer.toString(port));
    environment.put("KTRDR_DATA_DIR", layout.root().resolve("data").toString());
    environment.put("KTRDR_STRATEGIES_DIR", layout.root().resolve("strategies").toString());
    environment.put("KTRDR_MODELS_DIR", models.toString());
    List<String> flags = new ArrayList<>(jvmFlags.apply(API_MODULE));
    flags.add("-Xmx" + API_HEAP_MEGABYTES + "m");
    return java("api", classPath(API_MODULE), "io.ktrdr.api.ApiMain", flags, environment);
  }

  /**
   * Worker {@code number} (from 1) of a kind, answering {@code /health} on {@code port} of
   * 127.0.0.1. It is told of nothing but the API.
   */
  public ProcessSpec worker(WorkerKind kind, int number, String apiUrl, int port) {
    return worker(
        kind,
        kind.service() + "-" + number,
        classPath(kind.module()),
        kind.mainClass(),
        apiUrl,
        port);
  }

  /**
   * As {@link #worker(WorkerKind, int, String, int)}, but another program of that kind.
   *
   * @param id its worker id
   * @param classes folder of its classes, behind the kind's own libraries
   */
  public ProcessSpec worker(
      WorkerKind kind, String id, Path classes, String mainClass, String apiUrl, int port) {
    return worker(kind, id, classPath(kind.module()) + ":" + classes, mainClass, apiUrl, port);
  }

  private ProcessSpec worker(
      WorkerKind kind, String id, String classPath, String mainClass, String apiUrl, int port) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KTRDR_API_URL", apiUrl);
    environment.put("WORKER_ID", id);
    environment.put("WORKER_PORT", Integer.toString(port));
    environment.put("KTRDR_CACHE_DIR", cache.toString());
    // Shorter than our own patience with it: an operation in hand is handed back, not killed.
    environment.put("KTRDR_WORKER_STOP_GRACE_SECONDS", Integer.toString(WORKER_GRACE_SECONDS));
    // One thread per operation: faster at this size, and the same bytes every time.
    environment.put("OMP_NUM_THREADS", "1");
    List<String> flags = new ArrayList<>(jvmFlags.apply(kind.module()));
    flags.add("-Xmx" + kind.heapMegabytes() + "m");
    switch (kind) {
      case BACKTEST -> flags.add("-XX:+UseSerialGC");
      case TRAINING ->
          flags.addAll(
              List.of(
                  "-Dorg.bytedeco.javacpp.cachedir=" + cache.resolve("javacpp"),
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow"));
    }
    return java(id, classPath, mainClass, flags, environment);
  }

  /** The command line client, to be run with the terminal of this JVM. */
  List<String> cliCommand() {
    List<String> command = new ArrayList<>(List.of(javaProgram()));
    command.addAll(SHORT_LIVED);
    command.addAll(List.of("-cp", classPath("cli"), "io.ktrdr.cli.KtrdrCli"));
    return command;
  }

  private ProcessSpec java(
      String name,
      String classPath,
      String mainClass,
      List<String> flags,
      Map<String, String> environment) {
    String marker = "-Dktrdr.process=" + logs.resolve(name);
    List<String> command = new ArrayList<>(List.of(javaProgram(), marker));
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, mainClass));
    return new ProcessSpec(
        name,
        command,
        environment,
        List.of("DATABASE_URL", "RABBITMQ_URL", "KTRDR_RABBITMQ", "WORKER_"),
        layout.root(),
        logs.resolve(name + ".log"),
        "TERM",
        marker);
  }

  /** The module's jar and what it needs, as the build leaves them. */
  private String classPath(String module) {
    Path target = layout.root().resolve(module).resolve("target");
    if (!holdsJar(target)) {
      throw new StandaloneException(
          "NOT_BUILT",
          "There is no jar in " + target + ". Build first: ./mvnw -Dmaven.test.skip=true package");
    }
    return target + "/*:" + target + "/lib/*";
  }

  private static boolean holdsJar(Path target) {
    if (!Files.isDirectory(target)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(target)) {
      return entries.anyMatch(entry -> entry.toString().endsWith(".jar"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String javaProgram() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
