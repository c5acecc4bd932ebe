package io.ktrdr.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings everything up and stays until Ctrl-C, or in the background. */
@Command(name = "up", description = "Bring everything up; Ctrl-C takes it down again.")
final class UpCommand implements Callable<Integer> {

  @Option(
      names = "--scale",
      paramLabel = "SERVICE=N",
      description = "How many: backtest-worker=5, training-worker=2. Repeatable; default 1 each.")
  private List<String> scale = new ArrayList<>();

  @Option(
      names = {"-d", "--detach"},
      description = "Return when everything is up; stop it with ./ktrdr down.")
  private boolean detach;

  @Option(
      names = "--infra-only",
      description = "Only Postgres and RabbitMQ, for working on KTRDR itself.")
  private boolean infrastructureOnly;

  UpCommand() {}

  @Override
  public Integer call() {
    Scale wanted = Scale.parse(scale);
    Layout layout = StandaloneMain.layout();
    if (detach) {
      return DetachedUp.run(layout, arguments());
    }
    return run(layout, new Supervisor.Wish(wanted, infrastructureOnly));
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    scale.forEach(word -> arguments.addAll(List.of("--scale", word)));
    if (infrastructureOnly) {
      arguments.add("--infra-only");
    }
    return arguments;
  }

  private static int run(Layout layout, Supervisor.Wish wish) {
    Narrator narrator = Narrator.ofTerminal();
    Supervisor supervisor = Supervisor.claim(layout, wish, narrator, System.getenv());
    Runtime.getRuntime().addShutdownHook(new Thread(supervisor::close, "stop-everything"));
    narrator.say("Bringing up KTRDR in " + layout.root());
    return supervisor.runWhileUp(() -> {
      if (!Boolean.getBoolean(DetachedUp.CHILD_PROPERTY)) {
        RunState.read(layout).map(Banner::lines).ifPresent(l -> l.forEach(narrator::say));
        narrator.say("");
        narrator.say("Ctrl-C stops everything.");
      }
      supervisor.watch();
      return 0;
    });
  }
}
