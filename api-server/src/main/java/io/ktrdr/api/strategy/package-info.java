/**
 * Strategies: the files the server has, whether a text is one, and whether one looks ahead.
 *
 * <p>May depend on: {@code http}, {@code data}, {@code io.ktrdr.strategy}, {@code io.ktrdr.market}.
 */
@NullMarked
package io.ktrdr.api.strategy;

import org.jspecify.annotations.NullMarked;
