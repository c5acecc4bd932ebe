package io.ktrdr.standalone;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Enough about a process to recognise it again after our own JVM is gone: the process id alone may
 * belong to somebody else by then.
 *
 * @param name what we call it, such as {@code backtest-worker-1}
 * @param pid operating system process id
 * @param startedAt when the operating system says it started
 * @param marker an argument (or part of one) that only this process of ours has
 */
public record ProcessRecord(String name, long pid, Instant startedAt, String marker) {

  /** Clock steps move the boot time start instants are derived from. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(2);

  /** The live process this record speaks of, if it still runs and is that process. */
  public Optional<ProcessHandle> find() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> startedThen(process.info()) && carriesMarker(process));
  }

  private boolean startedThen(ProcessHandle.Info info) {
    return info.startInstant()
        .map(start -> Duration.between(start, startedAt).abs().compareTo(START_TOLERANCE) <= 0)
        .orElse(false);
  }

  private boolean carriesMarker(ProcessHandle process) {
    return ProcessArguments.of(process).stream().anyMatch(argument -> argument.contains(marker));
  }
}
