/**
 * Measures the ring, what a machine accepts, runs and finishes with every invariant on, and the
 * engine of backtests. Starts private servers, the real API and real workers; never part of a test,
 * because a figure depends on the machine.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.market}, {@code io.ktrdr.strategy},
 * {@code io.ktrdr.backtest}, {@code io.ktrdr.worker}, {@code io.ktrdr.standalone}.
 */
@NullMarked
package io.ktrdr.benchmarks;

import org.jspecify.annotations.NullMarked;
