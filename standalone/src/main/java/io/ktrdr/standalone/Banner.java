package io.ktrdr.standalone;

import java.util.ArrayList;
import java.util.List;

/** What to do next, once everything runs. */
final class Banner {

  static final String TRAIN =
      "models train --strategy neuro_mean_reversion --symbol EURUSD --timeframe 1d"
          + " --start-date 2015-01-01 --end-date 2022-12-31 --follow";

  private Banner() {}

  static List<String> lines(RunState state) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    if (!state.apiUrl().isEmpty()) {
      lines.add("  API          " + state.apiUrl());
      lines.add("  Dashboard    " + state.apiUrl() + "/");
    }
    lines.add(
        "  RabbitMQ     %s   user %s   password %s"
            .formatted(state.managementUrl(), state.managementUser(), state.managementPassword()));
    String missing = Programs.find("psql").isPresent() ? "" : "   (psql is not installed here)";
    lines.add("  Postgres     psql " + state.databaseUrl() + missing);
    lines.add("  Logs         ./ktrdr logs -f");
    lines.add("");
    if (!state.apiUrl().isEmpty()) {
      lines.add("Try, in another terminal:");
      lines.add("  ./ktrdr " + TRAIN);
      lines.add("  ./ktrdr operations list");
    }
    lines.add("  ./ktrdr status");
    return lines;
  }
}
