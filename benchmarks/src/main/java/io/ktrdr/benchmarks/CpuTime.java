package io.ktrdr.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** CPU time of processes, from {@code /proc}; zero where there is no such folder. */
final class CpuTime {

  /** Unit of {@code /proc/<pid>/stat} on every Linux of today. */
  private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

  /** Fields after the program's name, which is in brackets and may hold spaces. */
  private static final int USER = 11;

  private static final int WAITED_FOR_SYSTEM = 14;

  private CpuTime() {}

  /** User and system time of a process and all its descendants, ended ones included. */
  static Duration ofTree(long pid) {
    Stream<Long> living =
        ProcessHandle.of(pid).stream()
            .flatMap(process ->
                Stream.concat(
                    Stream.of(process.pid()),
                    // Ours are its children, and belong to other lines of the table.
                    process.pid() == ProcessHandle.current().pid()
                        ? Stream.of()
                        : process.descendants().map(ProcessHandle::pid)));
    boolean own = pid == ProcessHandle.current().pid();
    return Duration.ofNanos(
        living.mapToLong(id -> ticks(id, own ? USER + 1 : WAITED_FOR_SYSTEM)).sum()
            * NANOS_PER_TICK);
  }

  private static long ticks(long pid, int lastField) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long sum = 0;
      for (int i = USER; i <= lastField; i++) {
        sum += Long.parseLong(fields[i]);
      }
      return sum;
    } catch (IOException gone) {
      return 0;
    }
  }
}
