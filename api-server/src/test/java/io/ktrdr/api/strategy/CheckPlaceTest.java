package io.ktrdr.api.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ktrdr.api.http.ProblemException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CheckPlaceTest {

  @Test
  void aCheckBesideAnotherIsRefusedWhenItHasWaited() {
    CheckPlace place = new CheckPlace(Duration.ZERO);

    ProblemException refused =
        place.run(
            () -> catchThrowableOfType(ProblemException.class, () -> place.run(() -> "too early")));

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.code()).isEqualTo("CHECKS_EXHAUSTED");
    assertThat(place.run(() -> "free again")).isEqualTo("free again");
  }

  @Test
  void aCheckThatFailsLeavesThePlaceFree() {
    CheckPlace place = new CheckPlace(Duration.ZERO);

    assertThatIllegalStateException()
        .isThrownBy(() ->
            place.run(() -> {
              throw new IllegalStateException("failed");
            }));

    assertThat(place.run(() -> "free again")).isEqualTo("free again");
  }
}
