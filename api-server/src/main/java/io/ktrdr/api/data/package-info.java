/**
 * The market data the API can hand to operations.
 *
 * <p>May depend on: {@code artifact}, {@code audit}, {@code access}, {@code http}, {@code
 * io.ktrdr.market}.
 */
@NullMarked
package io.ktrdr.api.data;

import org.jspecify.annotations.NullMarked;
