package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strategies can be made of, as the client shows it. */
final class StrategiesCommandTest {

  private static final String INDICATORS =
      """
      {"success": true, "indicators": [
        {"name": "momentum", "description": "x - x[-period]", "aliases": ["mom"], "outputs": ["value"],
         "warmup_bars_of_defaults": 10, "warmup_rule": "period", "value_range": "unbounded",
         "source": "own", "notes": ["a note"], "rules": [],
         "parameters": [{"name": "period", "range": "a whole number from 1 to 200", "default": 10}]}]}
      """;

  private final StubApi api = new StubApi().on("GET /api/v1/indicators", INDICATORS);

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void indicatorsAreListed() {
    assertThat(ktrdr("strategies", "indicators").out())
        .contains("WARM-UP", "SOURCE", "momentum", "period=10", "own");
  }

  @Test
  void oneIndicatorIsToldInFullByNameOrAlias() {
    assertThat(ktrdr("strategies", "indicators", "MOM").out())
        .contains("x - x[-period]", "a whole number from 1 to 200", "10 bars by default", "a note")
        .contains("also: mom");
    assertThat(ktrdr("--json", "strategies", "indicators", "momentum").out())
        .contains("\"warmup_rule\"")
        .doesNotContain("\"indicators\"");
    Said unknown = ktrdr("strategies", "indicators", "momentun");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("momentun");
  }

  @Test
  void whatAStrategyComputesIsListedInOrder() {
    api.on(
        "GET /api/v1/strategies/mine/features",
        """
        {"success": true, "name": "mine", "features": ["1d_rsi_low", "1d_rsi_high"],
         "warmup_bars": 14, "indicators": [{"id": "rsi_14", "type": "rsi", "warmup_bars": 14,
         "parameters": {"period": 14, "source": "close"}, "outputs": ["value"]}]}
        """);
    assertThat(ktrdr("strategies", "features", "mine").out())
        .contains("rsi_14", "period=14, source=close", "warm-up: 14 bars")
        .containsSubsequence("2 features", "1d_rsi_low", "1d_rsi_high");
  }

  @Test
  void aFileThatCannotBeReadIsToldWhy(@TempDir Path folder) throws IOException {
    Path absent = folder.resolve("absent.yaml");
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0});

    Said missing = ktrdr("strategies", "validate", absent.toString());
    Said unreadable = ktrdr("strategies", "validate", binary.toString());

    assertThat(missing.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(missing.err()).contains("absent.yaml cannot be read: there is no such file");
    assertThat(unreadable.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(unreadable.err()).contains("binary.yaml cannot be read: it is not UTF-8 text");
  }

  private Said ktrdr(String... arguments) {
    return Said.by(api, arguments);
  }
}
