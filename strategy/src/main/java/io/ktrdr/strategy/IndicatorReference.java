package io.ktrdr.strategy;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code id} or {@code id.output}: one column of one indicator.
 *
 * @param output the first one where the text names none
 */
record IndicatorReference(String indicatorId, String output) {

  /**
   * Reads it from {@code key}, which is there.
   *
   * @param ids also of indicators that could not be read: a reference to one is not dangling
   * @return null when it names nothing; a problem unless the indicator is one itself
   */
  static @Nullable IndicatorReference read(
      YamlMap entry, String key, Map<String, IndicatorSpec> indicators, Set<String> ids) {
    String text = entry.text(key);
    if (text == null) {
      return null;
    }
    int dot = text.indexOf('.');
    String id = dot < 0 ? text : text.substring(0, dot);
    IndicatorSpec spec = indicators.get(id);
    if (spec == null) {
      if (!ids.contains(id)) {
        entry.problem(
            key,
            "REFERENCE_UNKNOWN",
            "there is no indicator '%s'%s; defined are: %s"
                .formatted(
                    YamlMap.shortened(id), NearestNames.hint(id, ids), String.join(", ", ids)));
      }
      return null;
    }
    IndicatorType type = spec.type();
    if (dot < 0) {
      return new IndicatorReference(id, type.outputs().getFirst());
    }
    String output = text.substring(dot + 1);
    if (type.hasSingleOutput()) {
      entry.problem(
          key,
          "REFERENCE_UNKNOWN",
          "%s has a single output; write '%s' without '.%s'"
              .formatted(type, id, YamlMap.shortened(output)));
      return null;
    }
    if (!type.outputs().contains(output)) {
      entry.problem(
          key,
          "REFERENCE_UNKNOWN",
          "%s has no output '%s'; it has: %s"
              .formatted(type, YamlMap.shortened(output), String.join(", ", type.outputs())));
      return null;
    }
    return new IndicatorReference(id, output);
  }
}
