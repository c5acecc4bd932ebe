package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScaleTest {

  @Test
  void whatIsNotNamedStaysOne() {
    assertThat(Scale.parse(List.of())).isEqualTo(new Scale(1, 1));
    assertThat(Scale.parse(List.of("backtest-worker=5"))).isEqualTo(new Scale(5, 1));
    assertThat(Scale.parse(List.of("training-worker=0", "backtest-worker=64")))
        .isEqualTo(new Scale(64, 0));
  }

  @Test
  void refusesUnknownServicesAndWildNumbersNamingTheWord() {
    for (String word :
        List.of(
            "worker=1",
            "backtest-worker",
            "backtest-worker=",
            "backtest-worker=-1",
            "backtest-worker=65",
            "backtest-worker=1=2")) {
      assertThatThrownBy(() -> Scale.parse(List.of(word)))
          .isInstanceOf(StandaloneException.class)
          .hasMessageContaining(word)
          .hasMessageContaining("backtest-worker, training-worker");
    }
  }

  @Test
  void aProcessThatKeepsDyingIsRestartedEverMoreSlowly() {
    assertThat(List.of(1, 2, 3, 5, 6, 60).stream().map(n -> Member.backoff(n).toSeconds()))
        .containsExactly(1L, 2L, 4L, 16L, 30L, 30L);
  }
}
