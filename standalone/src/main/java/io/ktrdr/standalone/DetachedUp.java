package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code up --detach}: starts the supervisor as a process of its own and waits until it is ready.
 */
final class DetachedUp {

  /** Set in the supervisor that was started this way: what to do next is said by its starter. */
  static final String CHILD_PROPERTY = "ktrdr.detached";

  /** A first start downloads the broker. */
  private static final Duration READY_LIMIT = Duration.ofMinutes(20);

  private static final Duration POLL = Duration.ofMillis(100);

  private DetachedUp() {}

  static int run(Layout layout, List<String> arguments) {
    Path log = layout.logs().resolve("ktrdr.log");
    long from = sizeOf(log);
    OwnedProcess supervisor = OwnedProcess.start(spec(layout, arguments, log));
    Thread giveUp = new Thread(() -> supervisor.stop(Supervisor.STOP_GRACE.multipliedBy(2)));
    Runtime.getRuntime().addShutdownHook(giveUp);
    LogFollower follower = new LogFollower(log, from, "", System.out);
    boolean settled =
        Await.until(
            READY_LIMIT,
            POLL,
            () -> {
              boolean over = !supervisor.isAlive() || isReady(layout, supervisor.pid());
              follower.printNew();
              return over;
            });
    if (settled && supervisor.isAlive()) {
      Runtime.getRuntime().removeShutdownHook(giveUp);
      RunState.read(layout).map(Banner::lines).ifPresent(l -> l.forEach(System.out::println));
      System.out.println("  ./ktrdr down");
      return 0;
    }
    return supervisor.exitCode().filter(code -> code != 0).orElse(1);
  }

  private static ProcessSpec spec(Layout layout, List<String> arguments, Path log) {
    String marker = RunLock.MARKER + layout.root();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + CHILD_PROPERTY + "=true");
    command.addAll(List.of(marker, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.add(StandaloneMain.class.getName());
    command.add("up");
    command.addAll(arguments);
    return new ProcessSpec(
        "supervisor",
        command,
        GivenFolders.here().settings(),
        List.of(),
        layout.root(),
        log,
        "TERM",
        marker);
  }

  private static boolean isReady(Layout layout, long pid) {
    return RunState.read(layout)
        .map(state -> state.ready() && state.supervisorPid() == pid)
        .orElse(false);
  }

  private static long sizeOf(Path log) {
    try {
      return Files.exists(log) ? Files.size(log) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
