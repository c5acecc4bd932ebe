package io.ktrdr.strategy;

import io.ktrdr.protocol.Timeframe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code training_data}: symbols, timeframes and how much history a training needs. */
final class TrainingDataSection {

  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z0-9_.-]{1,50}");
  private static final int HISTORY_MIN = 50;

  private final Problems problems;

  TrainingDataSection(Problems problems) {
    this.problems = problems;
  }

  TrainingData read(YamlMap root) {
    YamlMap map =
        root.requiredMap(
            "training_data", "training_data: {symbols: {mode: single, symbol: EURUSD}, …}");
    if (map == null) {
      return new TrainingData(List.of(), List.of(), Timeframe.D1, HISTORY_MIN);
    }
    List<String> symbols =
        readSymbols(map.requiredMap("symbols", "{mode: single, symbol: EURUSD}"));
    YamlMap frames = map.requiredMap("timeframes", "{mode: single, timeframe: 1d}");
    List<Timeframe> timeframes = readTimeframes(frames);
    Timeframe base = timeframes.stream().min(Comparator.naturalOrder()).orElse(Timeframe.D1);
    if (frames != null) {
      String text = frames.text("base_timeframe");
      Timeframe wanted = text == null ? base : Timeframe.find(text).orElse(null);
      if (wanted == null || (!timeframes.isEmpty() && !timeframes.contains(wanted))) {
        frames.problem(
            "base_timeframe",
            "REFERENCE_UNKNOWN",
            "'%s' is not among the strategy's timeframes %s"
                .formatted(YamlMap.shortened(String.valueOf(text)), timeframes));
      } else {
        if (wanted != base) {
          problems.warn(
              frames.path() + ".base_timeframe",
              "%s bars cannot be made of %s bars; say base_timeframe: %s to train on all of them"
                  .formatted(base, wanted, base));
        }
        base = wanted;
      }
      frames.finish("KEY_UNKNOWN");
    }
    int history = map.whole("history_required", 200, HISTORY_MIN, 10_000_000);
    map.ignore("the request's dates are used", "start_date", "end_date");
    map.finish("KEY_UNKNOWN");
    return new TrainingData(symbols, timeframes, base, history);
  }

  private static List<String> readSymbols(@Nullable YamlMap map) {
    if (map == null) {
      return List.of();
    }
    List<String> symbols = new ArrayList<>();
    String expected = "a symbol like EURUSD";
    switch (map.word("mode", map.has("symbol") ? "single" : "multi_symbol", modes("symbol"))) {
      case "single" -> {
        String symbol = map.text("symbol");
        if (symbol == null) {
          map.missing("symbol", "symbol: EURUSD");
        } else if (SYMBOL.matcher(symbol).matches()) {
          symbols.add(symbol);
        } else {
          map.problem("symbol", "VALUE_INVALID", "must be " + expected);
        }
      }
      default -> {
        String key = map.has("symbols") ? "symbols" : "list";
        List<String> read =
            map.list(key, expected, text -> SYMBOL.matcher(text).matches() ? text : null);
        symbols.addAll(read == null ? List.of() : read);
        if (!map.has(key) || (read != null && read.isEmpty())) {
          map.missing("list", "list: [EURUSD, GBPUSD]");
        }
        requireDistinct(map, key, symbols);
      }
    }
    map.finish("KEY_UNKNOWN");
    return symbols;
  }

  private static List<Timeframe> readTimeframes(@Nullable YamlMap map) {
    if (map == null) {
      return List.of();
    }
    List<Timeframe> timeframes = new ArrayList<>();
    String expected = "one of " + Timeframe.validNames();
    switch (map.word(
        "mode", map.has("timeframe") ? "single" : "multi_timeframe", modes("timeframe"))) {
      case "single" -> {
        String text = map.text("timeframe");
        if (text == null) {
          map.missing("timeframe", "timeframe: 1d");
        } else {
          Timeframe.find(text)
              .ifPresentOrElse(
                  timeframes::add,
                  () -> map.problem("timeframe", "VALUE_INVALID", "must be " + expected));
        }
      }
      default -> {
        String key = map.has("timeframes") ? "timeframes" : "list";
        List<Timeframe> read = map.list(key, expected, text -> Timeframe.find(text).orElse(null));
        timeframes.addAll(read == null ? List.of() : read);
        if (!map.has(key)) {
          map.missing("list", "list: [1h, 4h]");
        } else if (read != null && read.size() < 2) {
          map.problem(
              key, "VALUE_INVALID", "several timeframes means at least 2; else write mode: single");
        }
        requireDistinct(map, key, timeframes);
      }
    }
    return timeframes;
  }

  private static void requireDistinct(YamlMap map, String key, List<?> values) {
    if (new HashSet<>(values).size() < values.size()) {
      map.problem(key, "VALUE_INVALID", "one of them is listed twice");
    }
  }

  private static List<String> modes(String what) {
    return List.of("single", "multi_" + what);
  }
}
