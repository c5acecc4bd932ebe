package io.ktrdr.system.fault;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A {@link HostsProgram} in a network namespace of its own, which vanishes with it. Root can make
 * one, and any user whom the kernel allows user namespaces.
 */
final class OwnNetwork implements AutoCloseable {

  private static final List<String> PROGRAMS = List.of("unshare", "nsenter", "ip", "mount");
  private static final Duration END_LIMIT = Duration.ofSeconds(60);

  private final Process program;
  private final PrintWriter orders;
  private final BufferedReader answers;

  private OwnNetwork(Process program) {
    this.program = program;
    orders = new PrintWriter(program.outputWriter(StandardCharsets.UTF_8), true);
    answers = program.inputReader(StandardCharsets.UTF_8);
  }

  /** What this machine lacks for it, as a sentence; empty when it can be made. */
  static Optional<String> missing() {
    for (String name : PROGRAMS) {
      if (Commands.find(name).isEmpty()) {
        return Optional.of("there is no program '%s' (util-linux, iproute2)".formatted(name));
      }
    }
    List<String> command = new ArrayList<>(unshared());
    command.addAll(List.of("ip", "link", "add", "name", "b", "type", "bridge"));
    return Commands.attempt(command.toArray(String[]::new))
        .map(
            said -> "neither root nor a user who may make network namespaces and bridges: " + said);
  }

  /** What this machine lacks for losing packets, as a sentence; empty when it can. */
  static Optional<String> missingForLoss() {
    if (Commands.find("iptables").isEmpty()) {
      return Optional.of("there is no program 'iptables', which loses packets");
    }
    List<String> command = new ArrayList<>(unshared());
    command.addAll(List.of(HostNetwork.lossRule("lo", 0.5)));
    return Commands.attempt(command.toArray(String[]::new))
        .map(said -> "iptables cannot lose packets at random: " + said);
  }

  static OwnNetwork start() {
    List<String> command = new ArrayList<>(unshared());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dktrdr.test.as-installed=" + Boolean.getBoolean("ktrdr.test.as-installed"));
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path", "")));
    command.add(HostsProgram.class.getName());
    command.set(0, Commands.path(command.getFirst()));
    ProcessBuilder builder = Commands.withSystemFolders(new ProcessBuilder(command));
    // Servers of this host cannot be reached from there: it brings up its own.
    builder.environment().keySet().removeIf(name -> name.startsWith("TEST_"));
    try {
      return new OwnNetwork(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Plays a scenario and returns what it measured; a failure there is one here. */
  Duration play(HostsProgram.Scenario scenario) {
    orders.println(scenario);
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("the program in its own network ended");
      }
      JsonNode answer = Json.mapper().readTree(line);
      if (answer.has("failure")) {
        throw new AssertionError(scenario + ": " + answer.path("failure").asText());
      }
      return Duration.ofMillis(answer.path("milliseconds").asLong());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    orders.close();
    try {
      if (!program.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        program.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      program.destroyForcibly();
    }
  }

  private static List<String> unshared() {
    boolean root = "root".equals(System.getProperty("user.name"));
    // The user stays who he is, as Postgres refuses root, but may set up networks in there.
    return root
        ? List.of("unshare", "--net")
        : List.of("unshare", "--user", "--map-current-user", "--keep-caps", "--net");
  }
}
