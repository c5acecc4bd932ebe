package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlainNumberTest {

  @Test
  void everyNumberOfUpToFifteenDigitsIsTheDoubleThatJavaReads() {
    Random random = new Random(20_261_128);
    for (int i = 0; i < 200_000; i++) {
      long whole = random.nextLong(1_000_000_000_000_000L) >>> random.nextInt(50);
      String text = BigDecimal.valueOf(whole, random.nextInt(15)).toPlainString();
      double read = PlainNumber.parse(text);
      if (Double.isNaN(read)) {
        assertThat(text.replace(".", "").length()).as(text).isGreaterThan(15);
      } else {
        assertThat(read).as(text).isEqualTo(Double.parseDouble(text));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1.", ".5", "007.250", "999999999999999", "0.00000000000001"})
  void spellingsThatAreReadAreReadAsJavaDoes(String text) {
    assertThat(PlainNumber.parse(text)).isEqualTo(Double.parseDouble(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "-1",
        "+1",
        " 1",
        "1e5",
        "1.2.3",
        "1,2",
        "NaN",
        "1f",
        "٣",
        "1000000000000000",
        "0.0000000000000001"
      })
  void everythingElseIsLeftToOthers(String text) {
    assertThat(PlainNumber.parse(text)).isNaN();
  }
}
