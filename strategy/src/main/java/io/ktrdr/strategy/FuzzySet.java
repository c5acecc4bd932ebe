package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Words for the values of one indicator output.
 *
 * @param id as the strategy names it
 * @param indicatorId a key of the strategy's indicators
 * @param output which output of the indicator; its first one unless the file says {@code id.output}
 * @param memberships by name, in the file's order; at least one
 */
public record FuzzySet(
    String id, String indicatorId, String output, Map<String, Membership> memberships) {

  public FuzzySet {
    requireNonNull(id, "id is null");
    requireNonNull(indicatorId, "indicatorId is null");
    requireNonNull(output, "output is null");
    memberships = Collections.unmodifiableMap(new LinkedHashMap<>(memberships));
  }
}
