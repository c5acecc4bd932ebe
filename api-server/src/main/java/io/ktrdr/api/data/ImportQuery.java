package io.ktrdr.api.data;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.ProblemException.FieldError;
import io.ktrdr.market.CsvImport;
import io.ktrdr.market.Layout;
import io.ktrdr.market.ReadOptions;
import io.ktrdr.market.ReadOptions.Duplicates;
import io.ktrdr.market.ReadOptions.Prices;
import io.ktrdr.protocol.Timeframe;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What the query of an import says.
 *
 * @param replace whether a dataset that is there may go
 */
record ImportQuery(String symbol, Timeframe timeframe, ReadOptions options, boolean replace) {

  private static final Set<String> NAMES =
      Set.of("symbol", "timeframe", "zone", "layout", "prices", "duplicates", "replace");

  /**
   * @param parameters of the query, by name
   * @throws ProblemException 422 with everything that is wrong
   */
  static ImportQuery of(Map<String, List<String>> parameters) {
    Reader query = new Reader(parameters);
    String symbol = query.required("symbol");
    if (!symbol.isEmpty() && !CsvImport.isSymbol(symbol)) {
      query.error(
          "symbol",
          "PARAM_RANGE",
          "expected 1 to %d letters, digits, '_', '.' and '-', the first a letter or digit"
              .formatted(CsvImport.SYMBOL_CHARACTERS_MAX));
    }
    String timeframe = query.required("timeframe");
    if (!timeframe.isEmpty() && Timeframe.find(timeframe).isEmpty()) {
      query.error(
          "timeframe",
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(timeframe, Timeframe.validNames()));
    }
    ReadOptions options =
        new ReadOptions(
            query.zone(),
            query.word("layout", Layout::find, Layout.WORDS),
            query.word("prices", Prices::find, Prices.WORDS).orElse(Prices.RAW),
            query.word("duplicates", Duplicates::find, Duplicates.WORDS).orElse(Duplicates.REJECT));
    boolean replace =
        query.word("replace", ImportQuery::yesOrNo, List.of("true", "false")).orElse(false);
    query.throwIfInvalid();
    return new ImportQuery(symbol, Timeframe.parse(timeframe), options, replace);
  }

  private static Optional<Boolean> yesOrNo(String word) {
    return switch (word) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** Collects what is wrong. */
  private static final class Reader {

    private final Map<String, List<String>> values;
    private final List<FieldError> errors = new ArrayList<>();

    Reader(Map<String, List<String>> parameters) {
      values = new TreeMap<>(parameters);
      values.forEach((name, given) -> {
        if (!NAMES.contains(name)) {
          error(
              name,
              "FIELD_UNKNOWN",
              "unknown; known are " + String.join(", ", new TreeSet<>(NAMES)));
        } else if (given.size() > 1) {
          error(name, "FIELD_CONFLICT", "is there %d times; say it once".formatted(given.size()));
        }
      });
    }

    void error(String name, String code, String detail) {
      errors.add(new FieldError("/" + name, code, detail));
    }

    private Optional<String> text(String name) {
      return values.getOrDefault(name, List.of()).stream().findFirst().filter(t -> !t.isEmpty());
    }

    String required(String name) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        error(name, "FIELD_REQUIRED", "is required, in the query");
      }
      return text.orElse("");
    }

    <T> Optional<T> word(String name, Function<String, Optional<T>> find, List<String> words) {
      Optional<String> text = text(name);
      Optional<T> found = text.flatMap(find);
      if (text.isPresent() && found.isEmpty()) {
        error(
            name,
            "PARAMETER_INVALID",
            "is '%s', valid are: %s".formatted(text.get(), String.join(", ", words)));
      }
      return found;
    }

    ZoneId zone() {
      Optional<String> name = text("zone");
      if (name.isEmpty() || name.get().equals("UTC") || name.get().equals("Z")) {
        return ZoneOffset.UTC;
      }
      try {
        return ZoneId.of(name.get());
      } catch (DateTimeException e) {
        error(
            "zone",
            "PARAMETER_INVALID",
            "is '%s', expected a name like Europe/Berlin, America/New_York or UTC"
                .formatted(name.get()));
        return ZoneOffset.UTC;
      }
    }

    void throwIfInvalid() {
      if (!errors.isEmpty()) {
        FieldError first = errors.getFirst();
        throw new ProblemException(
            422,
            errors.size() == 1 ? first.code() : "VALIDATION_ERROR",
            "%s: %s".formatted(first.pointer().substring(1), first.detail()),
            errors);
      }
    }
  }
}
