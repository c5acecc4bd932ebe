package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;

/**
 * How an operation got its bars; part of its result.
 *
 * @param layout of the file
 * @param calendar that says which bars are missing, never {@code AUTO}
 * @param gaps what was done about them
 * @param gapCount gaps within the range
 * @param missingBars bars missing within these gaps
 * @param filledBars within the range
 * @param filledBarsBefore before the range, where indicators warm up
 */
public record DataFacts(
    String layout,
    MarketCalendar calendar,
    GapPolicy gaps,
    int gapCount,
    long missingBars,
    int filledBars,
    int filledBarsBefore) {

  public DataFacts {
    requireNonNull(layout, "layout is null");
    requireNonNull(calendar, "calendar is null");
    requireNonNull(gaps, "gaps is null");
  }
}
