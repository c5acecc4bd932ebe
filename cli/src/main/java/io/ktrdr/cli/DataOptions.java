package io.ktrdr.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of commands that submit an operation on prices: what is done where prices are missing.
 */
final class DataOptions {

  @Option(
      names = "--gaps",
      paramLabel = "POLICY",
      description = "Bars that are missing: fail, warn (default) or fill.")
  private @Nullable String gaps;

  @Option(
      names = "--calendar",
      paramLabel = "CALENDAR",
      description = "Which bars are expected: 24x7, fx, exchange or auto (default).")
  private @Nullable String calendar;

  @Option(names = "--strict-range", description = "Refuse dates that the data does not cover.")
  private boolean strictRange;

  /** Adds to a request what was asked for, and nothing else. */
  void addTo(ObjectNode body) {
    if (gaps != null) {
      body.put("gaps", gaps);
    }
    if (calendar != null) {
      body.put("calendar", calendar);
    }
    if (strictRange) {
      body.put("strict_range", true);
    }
  }
}
