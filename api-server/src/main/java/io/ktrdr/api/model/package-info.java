/**
 * Versions of trained models.
 *
 * <p>May depend on: {@code artifact}, {@code db}, {@code http}, {@code io.ktrdr.strategy}.
 */
@NullMarked
package io.ktrdr.api.model;

import org.jspecify.annotations.NullMarked;
