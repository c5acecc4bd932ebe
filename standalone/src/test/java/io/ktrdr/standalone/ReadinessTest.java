package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ReadinessTest {

  @Test
  void theWorkerListIsReadWhateverElseItHolds() {
    String json = "{\"workers\":[{\"worker_id\":\"backtest-worker-1\",\"status\":\"idle\"}]}";

    assertThat(Readiness.mentions(json, "backtest-worker-1")).isTrue();
    assertThat(Readiness.mentions(json, "backtest-worker-2")).isFalse();
    assertThat(Readiness.mentions("not json", "x")).isFalse();
  }

  @Test
  void everySupportedMachineHasItsArchive() {
    assertThat(
            List.of(
                PostgresBinaries.platform("Linux", "amd64"),
                PostgresBinaries.platform("Linux", "aarch64"),
                PostgresBinaries.platform("Mac OS X", "aarch64")))
        .containsExactly("linux-x86_64", "linux-arm_64", "darwin-arm_64");
    assertThatThrownBy(() -> PostgresBinaries.platform("Windows 11", "amd64"))
        .hasMessageContaining("DATABASE_URL");
  }
}
