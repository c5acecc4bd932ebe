/**
 * What operations have made, for people and programs: trades and equity curves.
 *
 * <p>May depend on: {@code http}.
 */
@NullMarked
package io.ktrdr.api.result;

import org.jspecify.annotations.NullMarked;
