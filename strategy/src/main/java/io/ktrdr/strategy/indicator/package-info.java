/**
 * Indicators: what there are, what each takes and gives, and their columns over a series of bars.
 * Knows no YAML and no strategy.
 *
 * <p>May depend on: protocol, market-data, ta4j's indicators.
 */
@NullMarked
package io.ktrdr.strategy.indicator;

import org.jspecify.annotations.NullMarked;
