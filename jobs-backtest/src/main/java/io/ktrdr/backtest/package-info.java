/**
 * Runs a trained model over past prices: decisions at the close, fills at the next open, costs on
 * both sides, metrics with their formulas. The same spec gives the same bytes.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.market}, {@code io.ktrdr.strategy},
 * {@code io.ktrdr.worker}.
 */
@NullMarked
package io.ktrdr.backtest;

import org.jspecify.annotations.NullMarked;
