package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ktrdr backtests compare}, against answers told beforehand. */
final class CompareCommandTest {

  private static final String ANSWER =
      """
      {"success": true, "backtests": [
        {"operation_id": "op_a", "status": "completed",
         "result": {"config": {"execution": {"spread": 0.1}}, "sharpe_ratio": 1.25,
                    "warnings": [], "conventions": {"x": "y"}},
         "curve": [{"timestamp": "2024-01-01T00:00:00Z", "portfolio_value": 1000},
                   {"timestamp": "2024-01-31T00:00:00Z", "portfolio_value": 2000}]},
        {"operation_id": "op_b", "status": "failed", "result": null, "curve": []}]}
      """;

  @TempDir private Path folder;

  private final StubApi api = new StubApi();

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void settingsFiguresAndCurvesAreSideBySide() {
    api.on("GET /api/v1/backtests/compare?ids=op_a%2Cop_b", ANSWER);
    List<String> lines = ktrdr("backtests", "compare", "op_a", "op_b").lines().toList();

    assertThat(lines)
        .anyMatch(line -> line.matches("status +completed +failed"))
        .anyMatch(line -> line.matches("execution.spread +0.100000 +–"))
        .anyMatch(line -> line.matches("sharpe_ratio +1.25000 +–"))
        .anyMatch(line -> line.matches("op_a +▁{59}█ +100.0 +200.0 +200.0"))
        .noneMatch(line -> line.startsWith("conventions") || line.startsWith("warnings"));
  }

  @Test
  void thePageIsWrittenAsItCame() throws IOException {
    api.on("GET /api/v1/backtests/compare?ids=op_a%2Cop_b&format=html", "<!DOCTYPE html>…");
    Path file = folder.resolve("page.html");
    String said =
        ktrdr("backtests", "compare", "op_a", "op_b", "--html", file.toString(), "--json");

    assertThat(Json.mapper().readTree(said).path("file").asText()).isEqualTo(file.toString());
    assertThat(Files.readString(file)).isEqualTo("<!DOCTYPE html>…");
  }

  @Test
  void thePageGoesToStandardOutputAlone() {
    api.on("GET /api/v1/backtests/compare?ids=op_a%2Cop_b&format=html", "<!DOCTYPE html>…");
    api.on("GET /api/v1/operations/op_a/report", "<!DOCTYPE html>one");

    assertThat(ktrdr("backtests", "compare", "op_a", "op_b", "--html", "-"))
        .isEqualTo("<!DOCTYPE html>…");
    assertThat(ktrdr("backtests", "report", "op_a", "-o", "-")).isEqualTo("<!DOCTYPE html>one");
  }

  private String ktrdr(String... arguments) {
    Said said = Said.by(api, arguments);
    assertThat(said.exitCode()).as(said.err()).isZero();
    return said.out();
  }
}
