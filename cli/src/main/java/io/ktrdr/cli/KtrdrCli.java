package io.ktrdr.cli;

import io.ktrdr.protocol.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/** The {@code ktrdr} command. Exit codes: 0 done, 1 failed, 2 usage, 3 cancelled, 5 unreachable. */
@Command(
    name = "ktrdr",
    description = "Train models and backtest them as long-running operations.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = KtrdrCli.Version.class,
    subcommands = {
      BacktestsCommand.class,
      ModelsCommand.class,
      OperationsCommand.class,
      WorkersCommand.class,
      StrategiesCommand.class,
      DataCommand.class,
      DeadLettersCommand.class,
      DoctorCommand.class,
      AdminCommand.class,
      TokensCommand.class,
      HealthCommand.class
    },
    footer = {"", "Exit codes: 0 done, 1 failed, 2 usage, 3 cancelled, 5 API unreachable."})
public final class KtrdrCli {

  @Mixin private CommandContext context;

  KtrdrCli() {
    this(System.getenv());
  }

  private KtrdrCli(Map<String, String> environment) {
    context = new CommandContext(environment);
  }

  CommandContext context() {
    return context;
  }

  /** The version in the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = KtrdrCli.class.getPackage().getImplementationVersion();
      return new String[] {"ktrdr " + (version == null ? "development" : version)};
    }
  }

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs one command. */
  static int run(String... args) {
    return run(System.getenv(), args);
  }

  /** Runs one command with other variables than this process has. */
  static int run(Map<String, String> environment, String... args) {
    KtrdrCli cli = new KtrdrCli(environment);
    CommandLine commands = new CommandLine(cli);
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setExecutionExceptionHandler((e, _, _) -> {
      PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
      if (!(e instanceof CommandFailedException failed)) {
        e.printStackTrace(err);
        return ExitCode.FAILED;
      }
      if (cli.context.json()) {
        cli.context.printJson(
            Json.mapper()
                .createObjectNode()
                .put("status", "error")
                .put("code", failed.code())
                .put("message", failed.getMessage()));
      } else {
        err.println("Error: %s (%s)".formatted(failed.getMessage(), failed.code()));
      }
      return failed.exitCode();
    });
    return commands.execute(args);
  }
}
