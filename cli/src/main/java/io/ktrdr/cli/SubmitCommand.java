package io.ktrdr.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr operations submit}. */
@Command(
    name = "submit",
    description = "Submit an operation of a type of your own (see docs/new-job-type.md).",
    footer = {
      "",
      "Example:",
      "  ktrdr operations submit pi --param samples=1000000000 --param seed=7 --follow"
    })
final class SubmitCommand implements Callable<Integer> {

  /** What a value must look like to be more than text. */
  private static final Pattern NUMBER_OR_BOOLEAN =
      Pattern.compile("true|false|-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  @ParentCommand private OperationsCommand parent = new OperationsCommand();

  @Parameters(paramLabel = "TYPE", description = "One the API knows: its setting KTRDR_JOB_TYPES.")
  private String type = "";

  @Option(
      names = {"-p", "--param"},
      paramLabel = "KEY=VALUE",
      description = "A parameter, over one of the file; numbers, true and false are what they are.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--parameters-file",
      paramLabel = "FILE",
      description = "Parameters as a JSON object.")
  private @Nullable Path parametersFile;

  @Mixin private DemandOptions demand = new DemandOptions();

  @Mixin private SubmitOptions options = new SubmitOptions();

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    ObjectNode body = Json.mapper().createObjectNode().put("operation_type", type);
    body.set("parameters", merged(parametersFile, parameters));
    demand.addTo(body);
    return context.submit("/api/v1/operations", body, options);
  }

  /** The file's parameters, if there is one, and over them the others. */
  static ObjectNode merged(@Nullable Path file, Map<String, String> others) {
    ObjectNode merged = file == null ? Json.mapper().createObjectNode() : read(file);
    others.forEach((name, text) -> merged.set(name, typed(text)));
    return merged;
  }

  private static ObjectNode read(Path file) {
    try {
      if (Json.mapper().readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
        return object;
      }
      throw unusable(file, "it is JSON, but not an object");
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw unusable(file, e.toString());
    }
  }

  private static CommandFailedException unusable(Path file, String why) {
    return new CommandFailedException(
        ExitCode.FAILED,
        "PARAMETERS_FILE_INVALID",
        "cannot use %s as parameters: %s".formatted(file, why));
  }

  private static JsonNode typed(String text) {
    if (!NUMBER_OR_BOOLEAN.matcher(text).matches()) {
      return TextNode.valueOf(text);
    }
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the pattern lets through what is not JSON: " + text, e);
    }
  }
}
