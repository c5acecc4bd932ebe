/**
 * What operators did by hand.
 *
 * <p>May depend on: {@code access}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.audit;

import org.jspecify.annotations.NullMarked;
