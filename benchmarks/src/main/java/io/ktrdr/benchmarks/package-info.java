/**
 * Measures the ring: what a machine accepts, runs and finishes with every invariant on. Starts
 * private servers, the real API and real workers; never part of a test, because a figure depends on
 * the machine.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.worker}, {@code
 * io.ktrdr.standalone}.
 */
@NullMarked
package io.ktrdr.benchmarks;

import org.jspecify.annotations.NullMarked;
