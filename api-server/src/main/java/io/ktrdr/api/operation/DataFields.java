package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a request says of the data it runs on.
 *
 * @param strictRange whether a range that the data does not cover is refused
 */
record DataFields(GapPolicy gaps, MarketCalendar calendar, boolean strictRange) {

  private static final String GAPS = "gaps";
  private static final String CALENDAR = "calendar";
  private static final String STRICT_RANGE = "strict_range";

  static final Set<String> NAMES = Set.of(GAPS, CALENDAR, STRICT_RANGE);

  /** Reads them; what is wrong is noted in {@code body}. */
  static DataFields read(RequestBody body) {
    return new DataFields(
        word(body, GAPS, GapPolicy::find, GapPolicy.WORDS).orElse(GapPolicy.WARN),
        word(body, CALENDAR, MarketCalendar::find, MarketCalendar.WORDS)
            .orElse(MarketCalendar.AUTO),
        body.flag(STRICT_RANGE));
  }

  private static <T> Optional<T> word(
      RequestBody body, String field, Function<String, Optional<T>> find, List<String> words) {
    Optional<String> text = body.text(field);
    Optional<T> found = text.flatMap(find);
    if (text.isPresent() && found.isEmpty()) {
      body.error(
          field,
          "PARAMETER_INVALID",
          "is '%s', valid are: %s".formatted(text.get(), String.join(", ", words)));
    }
    return found;
  }
}
