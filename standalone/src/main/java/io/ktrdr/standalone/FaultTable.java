package io.ktrdr.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The measured faults of one run.
 *
 * @param faults by row of the matrix, then by test
 */
record FaultTable(List<Measured> faults) {

  /**
   * One fault.
   *
   * @param seconds until the outcome; not a number when it never came
   */
  record Measured(
      int row,
      String test,
      String fault,
      String outcome,
      double seconds,
      double bound,
      boolean passed) {}

  /** Copies its list. */
  FaultTable {
    faults = List.copyOf(faults);
  }

  /** Reads {@code *.json} of a folder, which need not exist. */
  static FaultTable read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return new FaultTable(List.of());
    }
    try (Stream<Path> files = Files.list(folder)) {
      return new FaultTable(
          files
              .filter(file -> file.toString().endsWith(".json"))
              .map(file -> parse(ChaosCommand.text(file)))
              .sorted(Comparator.comparingInt(Measured::row).thenComparing(Measured::test))
              .toList());
    }
  }

  private static Measured parse(String text) {
    try {
      JsonNode json = Json.mapper().readTree(text);
      return new Measured(
          json.path("row").asInt(),
          json.path("test").asText(),
          json.path("fault").asText(),
          json.path("outcome").asText(),
          json.path("measured_seconds").asDouble(Double.NaN),
          json.path("bound_seconds").asDouble(),
          json.path("passed").asBoolean());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result of ours cannot be read", e);
    }
  }

  /** One line a fault, and how many held. */
  String forTerminal() {
    String lines =
        faults.stream()
            .map(f ->
                String.format(
                    Locale.ROOT,
                    "%3d  %-4s  %8.2f s  of %6.1f s  %s%n",
                    f.row(),
                    f.passed() ? "ok" : "FAIL",
                    f.seconds(),
                    f.bound(),
                    f.fault()))
            .collect(Collectors.joining());
    return "%n%s%n%d of %d within their bounds."
        .formatted(lines, faults.stream().filter(Measured::passed).count(), faults.size());
  }

  /** The page {@code docs/faults.md}. */
  String markdown(LocalDate date, String machine) {
    String rows =
        faults.stream()
            .map(f ->
                String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %.2f | %.1f |%n",
                    f.row(),
                    f.fault(),
                    f.outcome(),
                    f.seconds(),
                    f.bound()))
            .collect(Collectors.joining());
    return """
    # Faults

    What happens when something breaks, as measured on %s (%s) by `./ktrdr chaos`, which writes
    this page. Real processes were killed, frozen, cut off and restarted; after each fault the
    invariants of [ARCHITECTURE.md](../ARCHITECTURE.md) were checked. Heartbeats come every 5 s, a
    lease lasts 20 s, the sweep comes every 5 s. Two faults came at a time, each to a system of its
    own, except for row 36.

    | # | fault | what the user sees | seconds | bound |
    | --- | --- | --- | --- | --- |
    %s\
    """
        .formatted(date, machine, rows);
  }
}
