/**
 * Whether this process lives, and whether it can serve.
 *
 * <p>May depend on: {@code db}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.health;

import org.jspecify.annotations.NullMarked;
