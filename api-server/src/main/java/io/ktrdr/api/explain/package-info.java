/**
 * Why an operation waits, or what it does, and when it may start or end.
 *
 * <p>May depend on: {@code operation}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.explain;

import org.jspecify.annotations.NullMarked;
