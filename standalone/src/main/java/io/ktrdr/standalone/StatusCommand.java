package io.ktrdr.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What runs: processes, pids, ports, URLs. */
@Command(
    name = "status",
    description = "Show what runs. Exit code 0 when it does, 3 when nothing runs.")
final class StatusCommand implements Callable<Integer> {

  private static final int NOT_RUNNING = 3;

  @Option(names = "--json", description = "As JSON, for scripts.")
  private boolean json;

  StatusCommand() {}

  @Override
  public Integer call() throws JsonProcessingException {
    Layout layout = StandaloneMain.layout();
    boolean held = RunLock.isHeld(layout);
    Optional<RunState> state = RunState.read(layout);
    if (json) {
      System.out.println(
          Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(toJson(held, state)));
    } else {
      print(layout, held, state);
    }
    return held ? 0 : NOT_RUNNING;
  }

  private static void print(Layout layout, boolean held, Optional<RunState> state) {
    if (!held) {
      long left =
          Supervisor.ledger(layout).records().stream().filter(r -> r.find().isPresent()).count();
      System.out.println("Nothing is running in " + layout.root() + ". Start with ./ktrdr up.");
      if (left > 0) {
        System.out.println(
            "! " + left + " processes of a killed run are left; ./ktrdr down stops them.");
      }
      return;
    }
    if (state.isEmpty()) {
      System.out.println("KTRDR is starting.");
      return;
    }
    RunState now = state.get();
    System.out.printf(
        "KTRDR %s (pid %d) since %s%n%n",
        now.ready() ? "runs" : "is starting", now.supervisorPid(), uptime(now.startedAt()));
    System.out.printf("  %-20s %-8s %-8s %-6s %s%n", "PROCESS", "STATE", "PID", "PORT", "RESTARTS");
    for (RunState.Member member : now.processes()) {
      System.out.printf(
          "  %-20s %-8s %-8d %-6d %d%n",
          member.name(), stateOf(member), member.process().pid(), member.port(), member.restarts());
    }
    Banner.lines(now).forEach(System.out::println);
  }

  private static ObjectNode toJson(boolean held, Optional<RunState> state) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("running", held);
    if (!held || state.isEmpty()) {
      return root;
    }
    RunState now = state.get();
    root.put("ready", now.ready());
    root.put("supervisor_pid", now.supervisorPid());
    root.put("started_at", now.startedAt().toString());
    root.put("api_url", now.apiUrl());
    root.put("database_url", now.databaseUrl());
    root.put("amqp_url", now.amqpUrl());
    root.put("management_url", now.managementUrl());
    root.put("management_user", now.managementUser());
    root.put("management_password", now.managementPassword());
    ArrayNode processes = root.putArray("processes");
    for (RunState.Member member : now.processes()) {
      processes
          .addObject()
          .put("name", member.name())
          .put("state", stateOf(member))
          .put("pid", member.process().pid())
          .put("port", member.port())
          .put("restarts", member.restarts())
          .put("log", member.log());
    }
    return root;
  }

  private static String stateOf(RunState.Member member) {
    if (member.left()) {
      return "stopped";
    }
    return member.process().find().isPresent() ? "running" : "dead";
  }

  private static String uptime(Instant startedAt) {
    Duration up = Duration.between(startedAt, Instant.now());
    return "%d h %02d min %02d s".formatted(up.toHours(), up.toMinutesPart(), up.toSecondsPart());
  }
}
