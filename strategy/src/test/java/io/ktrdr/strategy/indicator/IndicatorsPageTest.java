package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/indicators.md} is the catalogue, written out. */
class IndicatorsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "indicators.md");

  private static final String HEAD =
      """
      # Indicators

      <!-- Generated from the catalogue by IndicatorsPageTest, which says how. -->

      What `indicators` of a strategy can name, and exactly what each computes. The same is served by
      `GET /api/v1/indicators` and printed by `ktrdr strategies indicators --json`.

      ```yaml
      indicators:
        trend: {type: sma, period: 50, source: hlc3}
        bands: {type: bbands, period: 20, multiplier: 2.0, deviation: sample}
      ```

      An indicator with several outputs is referred to by `id.output` (`bands.upper`); `bands` alone is
      its first. Unknown parameters, values out of range and parameters that do not fit each other are
      refused with their line in the YAML.

      ## What holds for all of them

      * **Causal.** The value of a bar depends on this bar and earlier ones only. Computed again on fewer
        bars, every value is the same to the last bit. What charts draw into the past (zigzag, Ichimoku's
        chikou) is offered as it was known at the time.
      * **Warm-up.** The bars before *all* outputs have a value; until then all of them are NaN, and no
        rule or network sees them. After it there is a finite number at every bar, also where prices do
        not move and where there is no volume. Decisions of a strategy begin
        after the longest warm-up of what it decides by.
      * **Bars** count from 0, the first one given. `x[-1]` is the value a bar earlier. Prices before the
        start date warm the indicators, so recursive averages depend on how many of those there are.
      * **Sources**: `close` (default), `open`, `high`, `low`, `volume`, `hl2` = (high + low) / 2, `hlc3`
        = (high + low + close) / 3, `ohlc4` = (open + high + low + close) / 4.
      * **True range**: max(high, close[-1]) - min(low, close[-1]); of the first bar high - low.
      * **Wilder's smoothing** over n: (previous · (n - 1) + x) / n. **EMA** over n: previous + w · (x -
        previous) with w = 2 / (n + 1). How they begin is said with each.
      * **Windows** do not drift: sums are exact, deviations taken afresh from each window.
      * **Source of the numbers**: *ta4j* computes them; *own, equal to ta4j's* is a plain loop that a test
        holds equal to ta4j's to 1e-9; *own* is not in ta4j, or there in another definition. Vectors that
        Tulip publishes come out to their last printed digit wherever they apply, and what ta4j
        does not check has a second, naive implementation in the tests.
      * Defaults do not change: a trained model depends on them. Where a default is not what another
        engine has, a parameter offers that.
      """;

  @Test
  void thePageIsTheCatalogue() throws IOException {
    String page = page();
    if (Boolean.getBoolean("write.docs")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/indicators.md is generated; write it anew with ./mvnw -pl strategy -am verify"
                + " -Dtest=IndicatorsPageTest -Dit.test=NONE"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false"
                + " -Dwrite.docs=true")
        .isEqualTo(page);
  }

  private static String page() {
    List<IndicatorType> types =
        IndicatorCatalogue.types().stream()
            .sorted(Comparator.comparing(IndicatorType::name))
            .toList();
    StringBuilder text = new StringBuilder(HEAD);
    text.append("\n## All %d\n\n".formatted(types.size()));
    text.append("| type | also | outputs | warm-up by default | source |\n|---|---|---|---|---|\n");
    for (IndicatorType type : types) {
      text.append(
          "| [`%s`](#%s) | %s | %s | %d | %s |\n"
              .formatted(
                  type.name(),
                  type.name(),
                  code(type.aliases()),
                  type.hasSingleOutput() ? "" : code(type.outputs()),
                  type.warmupBars(type.defaults()),
                  type.source().label()));
    }
    types.forEach(type -> text.append(section(type)));
    return text.toString();
  }

  private static String section(IndicatorType type) {
    StringBuilder text = new StringBuilder("\n## %s\n\n".formatted(type.name()));
    text.append(type.definition()).append("\n\n");
    if (!type.parameters().isEmpty()) {
      text.append("| parameter | default | allowed |\n|---|---|---|\n");
      for (IndicatorParameter parameter : type.parameters()) {
        text.append(
            "| `%s` | %s | %s |\n"
                .formatted(parameter.name(), parameter.defaultValue(), parameter.range()));
      }
      text.append('\n');
    }
    if (!type.aliases().isEmpty()) {
      text.append("* Also called: %s\n".formatted(code(type.aliases())));
    }
    if (!type.hasSingleOutput()) {
      text.append("* Outputs: %s\n".formatted(code(type.outputs())));
    }
    text.append("* Values: %s\n".formatted(type.range()));
    text.append(
        "* Warm-up: %s; %d bars by default\n"
            .formatted(type.warmupRule(), type.warmupBars(type.defaults())));
    text.append("* Source: %s\n".formatted(type.source().label()));
    type.relations()
        .forEach(relation ->
            text.append("* `%s` %s\n".formatted(relation.parameter(), relation.rule())));
    type.notes().forEach(note -> text.append("* %s\n".formatted(note)));
    return text.toString();
  }

  private static String code(List<String> words) {
    return words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
  }
}
