package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BarPaceTest {

  @Test
  void aBarLastsAsLongAsAsked() throws Exception {
    BarPace pace = BarPace.fromSettings(Map.of(BarPace.SETTING, "60"));
    long start = System.nanoTime();
    pace.await(() -> {});

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(60));
  }

  @Test
  void aStopEndsTheWait() {
    BarPace pace = BarPace.fromSettings(Map.of(BarPace.SETTING, "60000"));

    InMemoryRun stopped =
        new InMemoryRun("op_backtest_20251110_103000_abc12345").stopAfterReports(0);

    assertThatThrownBy(() -> pace.await(stopped::throwIfStopped))
        .isInstanceOf(RunStoppedException.class);
  }

  @Test
  void anInterruptEndsTheWait() {
    BarPace pace = BarPace.fromSettings(Map.of(BarPace.SETTING, "60000"));
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> pace.await(() -> {})).isInstanceOf(InterruptedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "60001", "fast", ""})
  void anythingButMillisecondsIsRefused(String text) {
    assertThatThrownBy(() -> BarPace.fromSettings(Map.of(BarPace.SETTING, text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(BarPace.SETTING);
  }

  @Test
  void reportsComeAtRoundNumbersAtLeastFiftyTimes() {
    assertThat(BarProgress.stride(10)).isEqualTo(1);
    assertThat(BarProgress.stride(365)).isEqualTo(5);
    assertThat(BarProgress.stride(1_000)).isEqualTo(10);
    assertThat(BarProgress.stride(5_000_000)).isEqualTo(100_000);
  }
}
