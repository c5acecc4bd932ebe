package io.ktrdr.standalone;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Stops what runs in this folder, whoever started it, and what a killed run left. */
@Command(name = "down", description = "Stop everything that runs in this folder.")
final class DownCommand implements Callable<Integer> {

  private static final Duration STOP_LIMIT = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(100);

  DownCommand() {}

  @Override
  public Integer call() {
    Layout layout = StandaloneMain.layout();
    Narrator narrator = Narrator.ofTerminal();
    if (RunLock.isHeld(layout)) {
      return stopSupervisor(layout, narrator);
    }
    int stopped = stopRemains(layout, narrator);
    narrator.say(
        stopped == 0
            ? "Nothing is running in " + layout.root() + "."
            : "Stopped; nothing is left.");
    return 0;
  }

  private static int stopSupervisor(Layout layout, Narrator narrator) {
    Optional<ProcessHandle> supervisor = RunLock.holder(layout);
    if (supervisor.isEmpty()) {
      throw new StandaloneException(
          "SUPERVISOR_UNKNOWN",
          "Something holds "
              + layout.run().resolve("lock")
              + " but it is not known which process.");
    }
    long pid = supervisor.get().pid();
    narrator.say("Stopping KTRDR (pid " + pid + ") …");
    Signals.send("TERM", pid);
    if (!Await.until(STOP_LIMIT, POLL, () -> !supervisor.get().isAlive())) {
      throw new StandaloneException(
          "STOP_TIMEOUT",
          "KTRDR (pid %d) did not stop within %d s. Look at ./ktrdr logs ktrdr; kill -9 %d and ./ktrdr down again is safe."
              .formatted(pid, STOP_LIMIT.toSeconds(), pid));
    }
    stopRemains(layout, narrator);
    narrator.say("Stopped; nothing is left.");
    return 0;
  }

  /** With the lock held, so that nobody starts meanwhile. */
  private static int stopRemains(Layout layout, Narrator narrator) {
    Optional<RunLock> lock = RunLock.tryAcquire(layout);
    if (lock.isEmpty()) {
      return 0;
    }
    try (RunLock _ = lock.get()) {
      int stopped =
          Supervisor.ledger(layout)
              .stopAll(
                  Supervisor.LEFT_OVER_GRACE,
                  left ->
                      narrator.say(
                          "! Left over from a killed run: %s (pid %d); stopping it"
                              .formatted(left.name(), left.pid())));
      ServerRemains.stop(
          PostgresConfig.of(layout, OwnedProcess::start),
          RabbitConfig.of(layout, OwnedProcess::start, narrator::progress));
      RunState.delete(layout);
      return stopped;
    }
  }
}
