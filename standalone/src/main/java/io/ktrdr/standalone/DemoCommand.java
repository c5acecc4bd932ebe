package io.ktrdr.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** The whole path, once: train a model on real prices, backtest it, show what came out. */
@Command(
    name = "demo",
    description = "Bring everything up, train a model, backtest it, and stop again.")
final class DemoCommand implements Callable<Integer> {

  private static final Duration OPERATION_LIMIT = Duration.ofMinutes(15);

  /** Exit codes above this are 128 + a signal. */
  private static final int KILLED_BY_SIGNAL = 128;

  private final Layout layout = StandaloneMain.layout();
  private final Narrator narrator = Narrator.ofTerminal();
  private volatile @Nullable Process client;

  DemoCommand() {}

  /** Ctrl-C reaches the client of the same terminal too, and it may be gone before we notice. */
  private static final class ClientInterrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What one operation of the demo came to. */
  private record Finished(String operationId, JsonNode operation, Duration took) {}

  @Override
  public Integer call() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopClient, "stop-client"));
    try {
      return bringUpAndTour();
    } catch (ClientInterrupted e) {
      return Supervisor.INTERRUPTED;
    }
  }

  private int bringUpAndTour() {
    Optional<RunState> running = running();
    if (running.isPresent()) {
      narrator.say("Using the KTRDR that runs here (pid " + running.get().supervisorPid() + ").");
      return tour(running.get().apiUrl(), true);
    }
    Supervisor.Wish wish = new Supervisor.Wish(Scale.DEFAULT, false);
    // What the tour needs is in the checkout.
    Supervisor supervisor =
        Supervisor.claim(layout, wish, narrator, GivenFolders.without(System.getenv()));
    Runtime.getRuntime().addShutdownHook(new Thread(supervisor::close, "stop-everything"));
    narrator.say("Bringing up KTRDR in " + layout.root());
    return supervisor.runWhileUp(() -> {
      Thread.ofVirtual().name("watch").start(supervisor::watch);
      return tour(supervisor.apiUrl(), false);
    });
  }

  private Optional<RunState> running() {
    if (!RunLock.isHeld(layout)) {
      return Optional.empty();
    }
    return RunState.read(layout).filter(state -> state.ready() && !state.apiUrl().isEmpty());
  }

  private int tour(String apiUrl, boolean staysUp) {
    narrator.say("");
    narrator.say("1. Train a neuro-fuzzy model on EURUSD, 2015 to 2022");
    Finished training = run(apiUrl, "training", words(Banner.TRAIN));
    String model = training.operation().path("result").path("model_version").asText("");
    if (model.isEmpty()) {
      throw new StandaloneException(
          "DEMO_NO_MODEL",
          "The training " + training.operationId() + " completed without a model version.");
    }
    narrator.say("");
    narrator.say("2. Backtest " + model + " on the two years it has not seen");
    Finished backtest = run(apiUrl, "backtest", backtestOf(model));
    summary(training, model, backtest, staysUp);
    return 0;
  }

  private static List<String> backtestOf(String model) {
    List<String> arguments =
        new ArrayList<>(words("backtests start --strategy neuro_mean_reversion --model"));
    arguments.add(model);
    arguments.addAll(
        words(
            "--symbol EURUSD --timeframe 1d --start-date 2023-01-01 --end-date 2024-12-31"
                + " --follow"));
    return arguments;
  }

  private Finished run(String apiUrl, String what, List<String> arguments) {
    Path answer = layout.run().resolve("demo-" + what + ".json");
    List<String> command = new ArrayList<>(Applications.of(layout).cliCommand());
    command.addAll(arguments);
    command.addAll(List.of("--result-file", answer.toString()));
    Instant begun = Instant.now();
    try {
      Files.deleteIfExists(answer);
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.directory(layout.root().toFile());
      builder.environment().put("KTRDR_API_URL", apiUrl);
      int exitCode = waitFor(builder.start(), what);
      if (exitCode > KILLED_BY_SIGNAL) {
        throw new ClientInterrupted();
      }
      if (exitCode != 0) {
        throw new StandaloneException(
            "DEMO_OPERATION_FAILED",
            "The "
                + what
                + " ended with exit code "
                + exitCode
                + ". Its worker's log: ./ktrdr logs "
                + what
                + "-worker-1");
      }
      JsonNode operation = Json.mapper().readTree(Files.readString(answer));
      String id = operation.path("operation_id").asText("");
      return new Finished(id, operation, Duration.between(begun, Instant.now()));
    } catch (IOException e) {
      throw new UncheckedIOException("The " + what + " left no readable result in " + answer, e);
    }
  }

  private int waitFor(Process started, String what) {
    client = started;
    try {
      if (started.waitFor(OPERATION_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        return started.exitValue();
      }
      throw new StandaloneException(
          "DEMO_TIMEOUT",
          "The " + what + " took longer than " + OPERATION_LIMIT.toMinutes() + " minutes.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StandaloneException("INTERRUPTED", "The demo was interrupted.", e);
    } finally {
      stopClient();
    }
  }

  private void stopClient() {
    Process running = client;
    if (running != null) {
      running.destroy();
    }
  }

  private void summary(Finished training, String model, Finished backtest, boolean staysUp) {
    narrator.say("");
    narrator.say("Done.");
    narrator.say("  training   %s   %.1f s".formatted(training.operationId(), seconds(training)));
    narrator.say("  backtest   %s   %.1f s".formatted(backtest.operationId(), seconds(backtest)));
    narrator.say("  model      " + model);
    narrator.say("");
    narrator.say("Look further:");
    if (!staysUp) {
      narrator.say("  ./ktrdr up                              (everything is kept)");
    }
    narrator.say("  ./ktrdr operations get " + backtest.operationId());
    narrator.say("  ./ktrdr operations list");
    narrator.say("  ./ktrdr logs backtest-worker-1");
  }

  private static double seconds(Finished finished) {
    return finished.took().toMillis() / 1000.0;
  }

  private static List<String> words(String line) {
    return List.of(line.split(" ", -1));
  }
}
