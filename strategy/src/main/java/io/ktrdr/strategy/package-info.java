/**
 * Strategies: their YAML, fuzzy sets, features, and the trained model that decides. One feature
 * builder serves training and backtest, so the two cannot drift apart.
 *
 * <p>May depend on: protocol, market-data, indicators, SnakeYAML, Jackson.
 */
@NullMarked
package io.ktrdr.strategy;

import org.jspecify.annotations.NullMarked;
