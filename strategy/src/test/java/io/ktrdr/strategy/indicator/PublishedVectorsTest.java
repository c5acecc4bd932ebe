package io.ktrdr.strategy.indicator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Figures that others published come out to their last printed digit. */
class PublishedVectorsTest {

  /** Half of the third decimal, which is the last printed one. */
  private static final double PRINTED = 0.0005 + 1e-9;

  private static final List<String> LINES = lines();

  static Stream<String> vectors() {
    return LINES.stream().filter(line -> line.contains("|"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void asPublished(String vector) {
    String[] parts = vector.split("\\|", -1);
    String name = parts[0].strip();
    IndicatorType type = IndicatorCatalogue.find(name).orElseThrow();
    double[] ours = output(type, parts[1].strip(), parts[2].strip());
    int first = Integer.parseInt(parts[3].strip());
    double scale = Double.parseDouble(parts[4].strip());
    double[] published = numbers(parts[5]);
    int compared = 0;
    for (int i = 0; i < published.length; i++) {
      if (!Double.isNaN(ours[first + i])) {
        assertThat(ours[first + i])
            .as("bar %d", first + i)
            .isEqualTo(scale * published[i], within(scale * PRINTED));
        compared++;
      }
    }
    assertThat(compared).as("bars that both have").isPositive();
  }

  private static double[] output(IndicatorType type, String parameters, String output) {
    PriceColumns prices = new PriceColumns(bars());
    if (type.name().equals("adline")) {
      // Its other outputs need more bars than were published.
      double[] multiplier = VolumeIndicators.multiplier(prices);
      return VolumeIndicators.runningTotal(
          Columns.combine(multiplier, prices.volume(), (m, v) -> m * v));
    }
    Map<String, Object> values = new HashMap<>(type.defaults().values());
    for (String pair : parameters.isEmpty() ? new String[0] : parameters.split(" ", -1)) {
      String key = pair.substring(0, pair.indexOf('='));
      String text = pair.substring(key.length() + 1);
      values.put(
          key,
          switch (requireNonNull(values.get(key), key)) {
            case Integer _ -> Integer.valueOf(text);
            case Double _ -> Double.valueOf(text);
            case Boolean _ -> Boolean.valueOf(text);
            default -> text;
          });
    }
    return type.compute(prices, new IndicatorParameters(values))[type.outputs().indexOf(output)];
  }

  private static BarSeries bars() {
    double[] close = column("close");
    long[] times = new long[close.length];
    Arrays.setAll(times, i -> 86_400L * i);
    return BarSeries.of(
        "PUBLISHED",
        Timeframe.D1,
        times,
        column("open"),
        column("high"),
        column("low"),
        close,
        column("volume"));
  }

  private static double[] column(String name) {
    return LINES.stream()
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> numbers(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.strip().split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  private static List<String> lines() {
    try (InputStream file =
        PublishedVectorsTest.class.getResourceAsStream("/indicators/published-vectors.txt")) {
      return new String(requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
