/**
 * Strategies: the files the server has, and whether a text is one.
 *
 * <p>May depend on: {@code http}, {@code io.ktrdr.strategy}.
 */
@NullMarked
package io.ktrdr.api.strategy;

import org.jspecify.annotations.NullMarked;
