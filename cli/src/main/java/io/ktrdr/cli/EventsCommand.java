package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr operations events}: the history, with {@code --json} one event a line. */
@Command(name = "events", description = "Show what happened to an operation, in order.")
final class EventsCommand implements Callable<Integer> {

  private static final Duration POLL = Duration.ofMillis(500);

  @ParentCommand private OperationsCommand parent = new OperationsCommand();

  @Parameters(paramLabel = "ID")
  private String id = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the operation ends; Ctrl-C leaves it running.")
  private boolean follow;

  @Option(names = "--after", paramLabel = "N", description = "Only events after number N.")
  private long after;

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    ApiClient api = context.api();
    while (true) {
      // Asked first, so that an operation that ends now is shown to its end.
      JsonNode operation = api.fetch(OperationsCommand.path(id, ""));
      JsonNode page;
      do {
        page = api.fetch(OperationsCommand.path(id, "/events?after=" + after));
        page.path("events").forEach(event -> show(context, event));
        after = page.path("next_after").asLong();
      } while (page.path("more").asBoolean());
      if (!follow) {
        return ExitCode.DONE;
      }
      if (Follower.isTerminal(operation)) {
        return Follower.exitCode(operation);
      }
      pause();
    }
  }

  private static void show(CommandContext context, JsonNode event) {
    if (context.json()) {
      context.out().println(event);
      return;
    }
    String attempt = event.path("attempt").isNumber() ? event.path("attempt").asText() : "–";
    context
        .out()
        .printf(
            "%5d  %-27s  %-26s  attempt %s  %s  %s%n",
            event.path("seq").asLong(),
            event.path("at").asText(),
            event.path("type").asText(),
            attempt,
            event.path("worker_id").asText("–"),
            event.path("payload").isEmpty() ? "" : event.path("payload").toString());
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException(ExitCode.FAILED, "INTERRUPTED", "interrupted");
    }
  }
}
