package io.ktrdr.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.tls.Trust;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options every command has, and what they come to: an API and a way to print. */
final class CommandContext {

  @Option(
      names = {"-u", "--url"},
      paramLabel = "URL",
      defaultValue = "${env:KTRDR_API_URL:-http://localhost:8000}",
      scope = ScopeType.INHERIT,
      description = "The API (environment: KTRDR_API_URL; default: ${DEFAULT-VALUE}).")
  private String url = "http://localhost:8000";

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      defaultValue = "${env:KTRDR_CA_FILE:-}",
      scope = ScopeType.INHERIT,
      description =
          "PEM file of the authority that signed the API's certificate (environment:"
              + " KTRDR_CA_FILE).")
  private @Nullable Path caFile;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print the API's JSON instead of text for people.")
  private boolean json;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final Map<String, String> environment;

  /**
   * @param environment where the token is: not an option, which other users of the machine see
   */
  CommandContext(Map<String, String> environment) {
    this.environment = environment;
  }

  ApiClient api() {
    return new ApiClient(address(), token(), trust());
  }

  private String address() {
    try {
      URI address = new URI(url);
      boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (web && address.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below, as of every other that is none.
    }
    throw new CommandFailedException(
        ExitCode.USAGE,
        "API_URL_INVALID",
        "'%s' is no address of an API, expected one like http://localhost:8000; it comes from --url or KTRDR_API_URL"
            .formatted(url));
  }

  private Optional<ApiToken> token() {
    try {
      return ApiToken.of(new Settings(environment));
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(
          ExitCode.USAGE, "TOKEN_MALFORMED", String.valueOf(e.getMessage()));
    }
  }

  private Trust trust() {
    Path file = caFile;
    if (file == null || file.toString().isBlank()) {
      return Trust.ofJvm();
    }
    try {
      return Trust.ofFile(file);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(
          ExitCode.FAILED, "CA_FILE_UNREADABLE", String.valueOf(e.getMessage()));
    }
  }

  boolean json() {
    return json;
  }

  PrintStream out() {
    return out;
  }

  /** Says which files of a listing cannot be used, and why. */
  void printDamaged(JsonNode listing) {
    for (JsonNode file : listing.path("damaged")) {
      out.println(
          "damaged: %s: %s %s"
              .formatted(
                  file.path("file").asText(),
                  file.path("code").asText(),
                  file.path("detail").asText()));
    }
  }

  void print(String text) {
    out.print(text);
    out.flush();
  }

  void printJson(JsonNode value) {
    try {
      out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
  }

  /** Submits an operation, shows it, follows it if asked, and says how it ended. */
  int submit(String path, ObjectNode body, SubmitOptions options) {
    boolean follow = options.follow().follow();
    JsonNode answer = api().submit(path, body, options.idempotencyKey());
    String id = answer.path("operation_id").asText();
    if (follow) {
      return follow(id, options.follow().resultFile());
    }
    if (json) {
      printJson(answer);
    } else {
      out.println(answer.path("message").asText());
      answer.path("warnings").forEach(warning -> out.println("  warning: " + warning.asText()));
      out.println("  Track progress: ktrdr operations get " + id);
      out.println("  Follow live:    ktrdr operations follow " + id);
    }
    return ExitCode.DONE;
  }

  Watch watch(ApiClient api) {
    return new Watch(api, forEyes(), terminal());
  }

  /** Where progress goes: with --json only JSON goes to standard output. */
  private PrintStream forEyes() {
    return json ? new PrintStream(System.err, true, StandardCharsets.UTF_8) : out;
  }

  private static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  int follow(String id, @Nullable Path resultFile) {
    if (!json) {
      out.println(id);
    }
    Thread farewell =
        new Thread(
            () ->
                System.err.println(
                    "\n"
                        + "No longer watching; the operation goes on. To cancel it: ktrdr"
                        + " operations cancel "
                        + id),
            "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    JsonNode ended;
    try {
      ended = new Follower(api(), forEyes(), terminal()).follow(id);
    } finally {
      forget(farewell);
    }
    if (json) {
      printJson(ended);
    } else {
      out.println();
      print(ResultView.render(ended));
    }
    if (resultFile != null) {
      write(resultFile, ended);
    }
    return Follower.exitCode(ended);
  }

  private static void forget(Thread farewell) {
    try {
      Runtime.getRuntime().removeShutdownHook(farewell);
    } catch (IllegalStateException e) {
      // Ctrl-C was first, so the hook is running.
      farewell.interrupt();
    }
  }

  private static void write(Path file, JsonNode value) {
    try {
      Files.write(file, Json.mapper().writeValueAsBytes(value));
    } catch (IOException e) {
      throw new CommandFailedException(
          ExitCode.FAILED, "FILE_NOT_WRITTEN", "cannot write %s: %s".formatted(file, e));
    }
  }
}
