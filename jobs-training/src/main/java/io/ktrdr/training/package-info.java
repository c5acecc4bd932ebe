/**
 * Trains the network of a strategy: labels, chronological split, training, evaluation, export. The
 * same spec gives the same weights on one kind of machine with one thread.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.market}, {@code io.ktrdr.strategy},
 * {@code io.ktrdr.worker}, and alone in this system on DL4J and ND4J.
 */
@NullMarked
package io.ktrdr.training;

import org.jspecify.annotations.NullMarked;
