package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr strategies …}. */
@Command(
    name = "strategies",
    description = "List, show and check strategies.",
    subcommands = {
      StrategiesCommand.ListStrategies.class,
      StrategiesCommand.Show.class,
      StrategiesCommand.Features.class,
      StrategiesCommand.Validate.class,
      LookaheadCommand.class,
      StrategiesCommand.Indicators.class
    })
final class StrategiesCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  CommandContext context() {
    return cli.context();
  }

  private static String path(String name) {
    return "/api/v1/strategies/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private static String joined(JsonNode words) {
    return StreamSupport.stream(words.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(", "));
  }

  /** {@code ktrdr strategies list}. */
  @Command(name = "list", description = "List the server's strategies.")
  static final class ListStrategies implements Callable<Integer> {

    @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().fetch("/api/v1/strategies");
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table = new Table("STRATEGY", "KIND", "WARM-UP", "INDICATORS", "DESCRIPTION");
      for (JsonNode strategy : answer.path("strategies")) {
        table.add(
            strategy.path("name").asText(),
            strategy.path("kind").asText(),
            strategy.path("warmup_bars").asText(),
            joined(strategy.path("indicators")),
            strategy.path("description").asText());
      }
      context.print(table.render());
      context.printDamaged(answer);
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr strategies show}. */
  @Command(name = "show", description = "Print a strategy's text.")
  static final class Show implements Callable<Integer> {

    @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().fetch(path(name));
      if (context.json()) {
        context.printJson(answer);
      } else {
        context.print(answer.path("strategy").path("yaml").asText());
      }
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr strategies features}. */
  @Command(
      name = "features",
      description = "List what a strategy computes: indicators, and the features of its network.",
      footer = {"", "Example:", "  ktrdr strategies features neuro_mean_reversion"})
  static final class Features implements Callable<Integer> {

    @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().fetch(path(name) + "/features");
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table = new Table("INDICATOR", "TYPE", "PARAMETERS", "OUTPUTS", "WARM-UP");
      for (JsonNode indicator : answer.path("indicators")) {
        table.add(
            indicator.path("id").asText(),
            indicator.path("type").asText(),
            indicator.path("parameters").properties().stream()
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue().asText())
                .collect(Collectors.joining(", ")),
            joined(indicator.path("outputs")),
            indicator.path("warmup_bars").asText());
      }
      context.print(table.render());
      JsonNode features = answer.path("features");
      if (!features.isEmpty()) {
        context.out().println();
        context.out().println("%d features, in order:".formatted(features.size()));
        features.forEach(feature -> context.out().println("  " + feature.asText()));
      }
      context.out().println("%nwarm-up: %s bars".formatted(answer.path("warmup_bars").asText()));
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr strategies validate}; exit code 1 when it cannot be used. */
  @Command(
      name = "validate",
      description = "Check a strategy file: everything that is wrong with it, with its lines.",
      footer = {"", "Example:", "  ktrdr strategies validate my_rules.yaml"})
  static final class Validate implements Callable<Integer> {

    @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE")
    private Path file = Path.of("");

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer =
          context
              .api()
              .post(
                  "/api/v1/strategies/validate",
                  Json.mapper()
                      .createObjectNode()
                      .put("strategy_yaml", TextFiles.read(spec, file)));
      boolean valid = answer.path("valid").asBoolean();
      if (context.json()) {
        context.printJson(answer);
      } else if (valid) {
        JsonNode strategy = answer.path("strategy");
        context
            .out()
            .println(
                "%s is valid: %s, %s, first decision after %s bars"
                    .formatted(
                        file,
                        strategy.path("name").asText(),
                        strategy.path("kind").asText(),
                        strategy.path("warmup_bars").asText()));
        strategy
            .path("warnings")
            .forEach(warning -> context.out().println("warning: " + warning.asText()));
      } else {
        for (JsonNode problem : answer.path("problems")) {
          context
              .out()
              .println(
                  "%s:%s: %s: %s (%s)"
                      .formatted(
                          file,
                          problem.path("line").asText(),
                          problem.path("path").asText(),
                          problem.path("detail").asText(),
                          problem.path("code").asText()));
        }
      }
      return valid ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  /** {@code ktrdr strategies indicators}. */
  @Command(
      name = "indicators",
      description = "List the indicators, or say everything about one.",
      footer = {"", "Example:", "  ktrdr strategies indicators macd"})
  static final class Indicators implements Callable<Integer> {

    @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "Name or alias of one.")
    private String name = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().fetch("/api/v1/indicators");
      if (context.json() && name.isEmpty()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      if (name.isEmpty()) {
        printAll(context, answer.path("indicators"));
        return ExitCode.DONE;
      }
      for (JsonNode indicator : answer.path("indicators")) {
        if (isCalled(indicator, name)) {
          if (context.json()) {
            context.printJson(indicator);
          } else {
            printOne(context, indicator);
          }
          return ExitCode.DONE;
        }
      }
      throw new ParameterException(
          spec.commandLine(),
          "there is no indicator '%s'; ktrdr strategies indicators lists them".formatted(name));
    }

    private static boolean isCalled(JsonNode indicator, String name) {
      return indicator.path("name").asText().equalsIgnoreCase(name)
          || StreamSupport.stream(indicator.path("aliases").spliterator(), false)
              .anyMatch(alias -> alias.asText().equalsIgnoreCase(name));
    }

    private static void printAll(CommandContext context, JsonNode indicators) {
      Table table = new Table("INDICATOR", "ALSO", "PARAMETERS", "OUTPUTS", "WARM-UP", "SOURCE");
      for (JsonNode indicator : indicators) {
        table.add(
            indicator.path("name").asText(),
            joined(indicator.path("aliases")),
            StreamSupport.stream(indicator.path("parameters").spliterator(), false)
                .map(p -> p.path("name").asText() + "=" + p.path("default").asText())
                .collect(Collectors.joining(", ")),
            joined(indicator.path("outputs")),
            indicator.path("warmup_bars_of_defaults").asText(),
            indicator.path("source").asText());
      }
      context.print(table.render());
    }

    private static void printOne(CommandContext context, JsonNode indicator) {
      context.out().println(indicator.path("name").asText());
      context.out().println("  " + indicator.path("description").asText());
      Table table = new Table("  PARAMETER", "DEFAULT", "ALLOWED");
      for (JsonNode parameter : indicator.path("parameters")) {
        table.add(
            "  " + parameter.path("name").asText(),
            parameter.path("default").asText(),
            parameter.path("range").asText());
      }
      context.print(table.render());
      if (!indicator.path("aliases").isEmpty()) {
        context.out().println("  also: " + joined(indicator.path("aliases")));
      }
      context
          .out()
          .println(
              "  outputs: %s%n  values: %s%n  warm-up: %s; %s bars by default%n  source: %s"
                  .formatted(
                      joined(indicator.path("outputs")),
                      indicator.path("value_range").asText(),
                      indicator.path("warmup_rule").asText(),
                      indicator.path("warmup_bars_of_defaults").asText(),
                      indicator.path("source").asText()));
      for (JsonNode rule : indicator.path("rules")) {
        context.out().println("  " + rule.asText());
      }
      for (JsonNode note : indicator.path("notes")) {
        context.out().println("  * " + note.asText());
      }
    }
  }
}
