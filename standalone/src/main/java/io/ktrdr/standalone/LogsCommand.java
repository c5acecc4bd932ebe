package io.ktrdr.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the ends of the logs, and what is added. */
@Command(name = "logs", description = "Show the logs of one process or of all.")
final class LogsCommand implements Callable<Integer> {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final int LINES_OF_ONE = 200;
  private static final int LINES_OF_EACH = 20;

  /** Following ends with Ctrl-C, or here. */
  private static final Duration FOLLOW_LIMIT = Duration.ofDays(30);

  @Option(
      names = {"-f", "--follow"},
      description = "Go on printing what is added, until Ctrl-C.")
  private boolean follow;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Such as api or backtest-worker-1; all when left out.")
  private @Nullable String name;

  LogsCommand() {}

  @Override
  public Integer call() throws IOException {
    Path folder = StandaloneMain.layout().logs();
    List<String> names = namesIn(folder);
    if (name != null && !names.contains(name)) {
      throw new StandaloneException(
          "LOG_UNKNOWN",
          "There is no log named "
              + name
              + " in "
              + folder
              + ". There are: "
              + (names.isEmpty() ? "none yet" : String.join(", ", names))
              + ".");
    }
    List<LogFollower> followers = new ArrayList<>();
    for (String each : names) {
      if (name == null || name.equals(each)) {
        followers.add(follower(folder.resolve(each + ".log"), each));
      }
    }
    followers.forEach(LogFollower::printNew);
    if (follow) {
      Await.until(
          FOLLOW_LIMIT,
          POLL,
          () -> {
            followers.forEach(LogFollower::printNew);
            return false;
          });
    }
    return 0;
  }

  private LogFollower follower(Path log, String each) throws IOException {
    boolean alone = name != null;
    long from = LogFollower.tailStart(log, alone ? LINES_OF_ONE : LINES_OF_EACH);
    String prefix = alone ? "" : "%-18s | ".formatted(each);
    return new LogFollower(log, from, prefix, System.out);
  }

  private static List<String> namesIn(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> file.endsWith(".log"))
          .forEach(file -> names.add(file.substring(0, file.length() - ".log".length())));
    }
    return List.copyOf(names);
  }
}
