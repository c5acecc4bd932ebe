package io.ktrdr.strategy.indicator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every indicator a strategy can use. A new one is one method in the family it belongs to, and its
 * line in that family's list.
 */
public final class IndicatorCatalogue {

  private static final List<IndicatorType> TYPES =
      Stream.of(
              AverageIndicators.types(),
              OscillatorIndicators.types(),
              TrendIndicators.types(),
              VolatilityIndicators.types(),
              VolumeIndicators.types())
          .flatMap(List::stream)
          .toList();
  private static final Map<String, IndicatorType> BY_NAME = byName();

  private IndicatorCatalogue() {}

  public static List<IndicatorType> types() {
    return TYPES;
  }

  /** By canonical name or alias, in any case. */
  public static Optional<IndicatorType> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
  }

  /** Canonical names and aliases. */
  public static Collection<String> names() {
    return Collections.unmodifiableSet(BY_NAME.keySet());
  }

  private static Map<String, IndicatorType> byName() {
    Map<String, IndicatorType> byName = new HashMap<>();
    for (IndicatorType type : TYPES) {
      List<String> names = new ArrayList<>(type.aliases());
      names.add(type.name());
      for (String name : names) {
        if (byName.put(name, type) != null) {
          throw new IllegalStateException("two indicators are called " + name);
        }
      }
    }
    return byName;
  }
}
