/**
 * What a kind of work implements and is given: the handler, its context, its outcome.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}. The runtime depends on this package, never the
 * reverse.
 */
@NullMarked
package io.ktrdr.worker;

import org.jspecify.annotations.NullMarked;
