package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strategy that decides by conditions. It needs no training.
 *
 * @param execution used where a request says nothing else
 * @param sizing used where a request says nothing else
 */
public record RulesStrategy(
    String name,
    String description,
    String version,
    Map<String, IndicatorSpec> indicators,
    Rules rules,
    Execution execution,
    Sizing sizing,
    List<String> warnings,
    String text,
    Sha256 textSha256)
    implements Strategy {

  public RulesStrategy {
    requireNonNull(name, "name is null");
    requireNonNull(description, "description is null");
    requireNonNull(version, "version is null");
    indicators = Collections.unmodifiableMap(new LinkedHashMap<>(indicators));
    requireNonNull(rules, "rules is null");
    requireNonNull(execution, "execution is null");
    requireNonNull(sizing, "sizing is null");
    warnings = List.copyOf(warnings);
    requireNonNull(text, "text is null");
    requireNonNull(textSha256, "textSha256 is null");
  }

  @Override
  public int warmupBars() {
    return rules.warmupBars();
  }

  @Override
  public int warmupBarsAtLeast() {
    return rules.warmupBars();
  }
}
