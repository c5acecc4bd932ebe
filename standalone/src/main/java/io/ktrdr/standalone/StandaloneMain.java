package io.ktrdr.standalone;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Entry point of {@code ./ktrdr up}, {@code down}, {@code status}, {@code logs}, {@code demo} and
 * {@code chaos}.
 */
@Command(
    name = "ktrdr",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    description = "Runs Postgres, RabbitMQ, the API and workers on this machine.",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      LogsCommand.class,
      DemoCommand.class,
      ChaosCommand.class
    })
public final class StandaloneMain {

  /** System property naming the repository; the launcher script sets it. */
  static final String ROOT_PROPERTY = "ktrdr.root";

  private StandaloneMain() {}

  /** Runs one command and exits with its code: 0 done, 1 failed, 2 not understood. */
  public static void main(String[] arguments) {
    CommandLine commands = new CommandLine(new StandaloneMain());
    commands.setExecutionExceptionHandler((failure, _, _) -> {
      if (failure instanceof StandaloneException known) {
        System.err.println(known.code() + ": " + known.getMessage());
      } else {
        failure.printStackTrace(System.err);
      }
      return 1;
    });
    System.exit(commands.execute(arguments));
  }

  static Layout layout() {
    return new Layout(Path.of(System.getProperty(ROOT_PROPERTY, "")));
  }
}
