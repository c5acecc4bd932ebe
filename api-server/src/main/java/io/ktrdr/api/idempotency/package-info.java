/**
 * The same request sent again gets the same answer.
 *
 * <p>May depend on: {@code http}, {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.api.idempotency;

import org.jspecify.annotations.NullMarked;
