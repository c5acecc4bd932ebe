/**
 * What operators tell the fleet as a whole: drain, undrain, pause, resume; and what submits have to
 * know of it.
 *
 * <p>May depend on: {@code audit}, {@code access}, {@code db}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.fleet;

import org.jspecify.annotations.NullMarked;
