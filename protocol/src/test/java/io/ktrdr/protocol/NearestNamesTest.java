package io.ktrdr.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNamesTest {

  @Test
  void countsInsertedRemovedAndReplacedLetters() {
    assertThat(NearestNames.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestNames.distance("", "abc")).isEqualTo(3);
    assertThat(NearestNames.distance("abc", "abc")).isZero();
  }

  @Test
  void suggestsTheNearestFirstAndNothingFarAway() {
    List<String> known = List.of("EURGBP", "EURUSD", "AUDUSD", "USDJPY");

    assertThat(NearestNames.of("EURUSB", known)).startsWith("EURUSD");
    assertThat(NearestNames.of("eurusd", known)).startsWith("EURUSD");
    assertThat(NearestNames.of("BTCXYZ", known)).isEmpty();
    assertThat(NearestNames.hint("EURUSB", List.of("EURUSD")))
        .isEqualTo("; did you mean 'EURUSD'?");
    assertThat(NearestNames.hint("nothing", List.of())).isEmpty();
  }

  @Test
  void doesNotCompareAbsurdlyLongNames() {
    assertThat(NearestNames.of("x".repeat(10_000), List.of("x".repeat(9_999)))).isEmpty();
  }
}
