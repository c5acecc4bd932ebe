/**
 * The API's own description.
 *
 * <p>May depend on: {@code http}, {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.api.document;

import org.jspecify.annotations.NullMarked;
