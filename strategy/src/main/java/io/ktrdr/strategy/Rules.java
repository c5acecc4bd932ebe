package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When a position is entered and left. At least one side can be entered; a condition that is null
 * never holds.
 */
public record Rules(
    @Nullable Condition enterLong,
    @Nullable Condition exitLong,
    @Nullable Condition enterShort,
    @Nullable Condition exitShort,
    Stops stops) {

  public Rules {
    requireNonNull(stops, "stops is null");
  }

  /** Bars before all conditions can be judged; nothing is decided at them. */
  public int warmupBars() {
    return Stream.of(enterLong, exitLong, enterShort, exitShort)
        .filter(Objects::nonNull)
        .mapToInt(Condition::warmupBars)
        .max()
        .orElse(0);
  }
}
