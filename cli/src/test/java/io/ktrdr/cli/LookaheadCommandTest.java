package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LookaheadCommandTest {

  private static final String ROUTE = "POST /api/v1/strategies/check-lookahead";
  private static final String ANSWER =
      """
      {"strategy_name": "rules", "symbol": "EURUSD", "timeframe": "1d", "bars": 100,
       "warmup_bars": 9, "cuts": 25, "clean": %s, "columns": [
        {"name": "fast", "kind": "indicator", "clean": true, "first_difference": null,
         "start_sensitivity": [{"bars_before": 9, "difference": 0},
                               {"bars_before": 18, "difference": 0.0001234},
                               {"bars_before": 36, "difference": null}]},
        {"name": "enter_long", "kind": "rule", "clean": %s, "first_difference": %s,
         "start_sensitivity": []}]}
      """;

  @TempDir private Path folder = Path.of("");

  private final StubApi api = new StubApi();

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void cleanStrategyIsSaidSoWithItsColumns() {
    api.on(ROUTE, ANSWER.formatted("true", "true", "null"));

    Said said = ktrdr("rules", "--symbol", "EURUSD");

    assertThat(said.exitCode()).isEqualTo(ExitCode.DONE);

    assertThat(api.changes())
        .containsExactly(ROUTE + " {\"strategy_name\":\"rules\",\"symbol\":\"EURUSD\"}");
    assertThat(said.out())
        .contains(
            "9: 0, 18: 0.00012, 36: none",
            "rules does not look ahead: EURUSD 1d, 100 bars, warm-up 9, 25 cuts")
        .doesNotContain("YES");
  }

  @Test
  void strategyThatLooksAheadFailsAndTheFirstBarIsShown() throws IOException {
    api.on(
        ROUTE,
        ANSWER.formatted(
            "false",
            "false",
            """
            {"bar": 12, "time": "2024-01-15T00:00:00Z", "bars_known": 13, "value_known": 0,
             "value_whole": 1}
            """));
    Path file = Files.writeString(folder.resolve("mine.yaml"), "name: rules");

    Said said = ktrdr(file.toString(), "--symbol", "EURUSD", "--timeframe", "1d", "--cuts", "200");

    assertThat(said.exitCode()).isEqualTo(ExitCode.FAILED);

    assertThat(api.changes())
        .containsExactly(
            ROUTE
                + " {\"strategy_yaml\":\"name: rules\",\"symbol\":\"EURUSD\",\"timeframe\":\"1d\","
                + "\"cuts\":200}");
    assertThat(said.out())
        .contains(
            "enter_long at bar 12 (2024-01-15T00:00:00Z) is 0 with 13 bars known, and 1 with all",
            "rules LOOKS AHEAD");
  }

  private Said ktrdr(String... arguments) {
    List<String> all = new ArrayList<>(List.of("strategies", "check-lookahead"));
    all.addAll(List.of(arguments));
    return Said.by(api, all.toArray(String[]::new));
  }
}
