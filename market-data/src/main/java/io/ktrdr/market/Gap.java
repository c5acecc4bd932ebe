package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Bars that a calendar expects and a series does not have.
 *
 * @param barBefore open of the last bar before
 * @param barAfter open of the first bar after
 * @param from open of the first missing bar
 * @param to open of the last missing bar
 */
public record Gap(Instant barBefore, Instant barAfter, Instant from, Instant to, long missingBars) {

  public Gap {
    requireNonNull(barBefore, "barBefore is null");
    requireNonNull(barAfter, "barAfter is null");
    requireNonNull(from, "from is null");
    requireNonNull(to, "to is null");
  }
}
