package io.ktrdr.standalone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs the fault suite by the build, says each fault's seconds as it is measured, and writes the
 * table of a complete run to {@code docs/faults.md}.
 */
@Command(
    name = "chaos",
    description = "Break this system in every way the fault matrix names and measure its recovery.")
final class ChaosCommand implements Callable<Integer> {

  /** What the tests begin the line of a measured fault with. */
  static final String LINE = "[fault] ";

  private static final Part SOME = new Part("io.ktrdr.system.fault.*IT", 1);

  /** Most faults are waited out, so two JVMs break systems of their own at a time. */
  private static final Part MOST = new Part("io.ktrdr.system.fault.*IT,!LoadFaultsIT", 2);

  /** Takes all the machine has. */
  private static final Part LOAD = new Part("LoadFaultsIT", 1);

  private static final String PRETTY_NAME = "PRETTY_NAME=";
  private static final long BYTES_PER_GIB = 1L << 30;

  @Option(
      names = "--only",
      paramLabel = "ROWS",
      description = "Only these rows of the matrix, such as 10,12; 38 is the long random run.")
  private String only = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the long random run; default: a new one, which is printed.")
  private @Nullable Long seed;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "10",
      description = "Length of the long random run (default: ${DEFAULT-VALUE}).")
  private int minutes = 10;

  /**
   * What one build runs.
   *
   * @param tests the test classes, as Maven takes them
   * @param jvms how many of them at a time
   */
  private record Part(String tests, int jvms) {}

  ChaosCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Layout layout = StandaloneMain.layout();
    Path results = layout.root().resolve("system-tests/target/faults");
    Folders.delete(results);
    Path log = layout.logs().resolve("chaos.log");
    Files.createDirectories(layout.logs());
    System.out.println("Building, then breaking things (log: " + log + ") …");
    Files.deleteIfExists(log);
    boolean green = true;
    for (Part part : only.isBlank() ? List.of(MOST, LOAD) : List.of(SOME)) {
      green &= run(part, layout.root(), log);
    }
    FaultTable table = FaultTable.read(results);
    System.out.println(table.forTerminal());
    if (!green) {
      System.err.println("CHAOS_FAILED: not every fault was survived in time; see " + log);
      return 1;
    }
    if (only.isBlank()) {
      Path page = layout.root().resolve("docs/faults.md");
      Files.writeString(page, table.markdown(LocalDate.now(Clock.systemUTC()), machine()));
      System.out.println("Written: " + page);
    }
    return 0;
  }

  private boolean run(Part part, Path root, Path log) throws IOException, InterruptedException {
    Process build =
        new ProcessBuilder(command(part))
            .directory(root.toFile())
            .redirectErrorStream(true)
            .start();
    // Ctrl-C must not leave the build behind; the test JVM sweeps what it started.
    Runtime.getRuntime().addShutdownHook(new Thread(build::destroy, "chaos-stop"));
    try (BufferedReader lines = build.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        int fault = line.indexOf(LINE);
        if (fault >= 0) {
          System.out.println(line.substring(fault + LINE.length()));
        }
      }
    }
    return build.waitFor() == 0;
  }

  private List<String> command(Part part) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "./mvnw",
                "-B",
                "-Dstyle.color=never",
                "verify",
                "-Pchaos",
                "-pl",
                "system-tests",
                "-am",
                // Only the faults: neither unit tests nor the other modules' integration tests.
                "-Dtest=none",
                "-Dit.test=" + part.tests(),
                "-DforkCount=" + part.jvms(),
                "-Dsurefire.failIfNoSpecifiedTests=false",
                "-Dfailsafe.failIfNoSpecifiedTests=false"));
    if (!only.isBlank()) {
      command.add("-Dktrdr.faults.only=" + only);
    }
    if (seed != null) {
      command.add("-Dktrdr.chaos.seed=" + seed);
    }
    command.add("-Dktrdr.chaos.minutes=" + minutes);
    return command;
  }

  private static String machine() throws IOException {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    long memory =
        system instanceof com.sun.management.OperatingSystemMXBean known
            ? known.getTotalMemorySize()
            : Runtime.getRuntime().maxMemory();
    return "%d cores, %d GiB, %s, JDK %s"
        .formatted(
            system.getAvailableProcessors(),
            Math.round((double) memory / BYTES_PER_GIB),
            operatingSystem(Path.of("/etc/os-release")),
            Runtime.version().feature());
  }

  /** What a Linux distribution calls itself, else the JVM's name of the system. */
  static String operatingSystem(Path release) throws IOException {
    if (Files.exists(release)) {
      for (String line : Files.readAllLines(release)) {
        if (line.startsWith(PRETTY_NAME)) {
          return line.substring(PRETTY_NAME.length()).replace("\"", "");
        }
      }
    }
    return System.getProperty("os.name", "unknown");
  }

  /** Reads as the terminal shows it, for the tests. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + file, e);
    }
  }
}
