/**
 * Who asks: the tokens that are known, and who did what under which name.
 *
 * <p>May depend on: {@code io.ktrdr.protocol} only.
 */
@NullMarked
package io.ktrdr.api.access;

import org.jspecify.annotations.NullMarked;
