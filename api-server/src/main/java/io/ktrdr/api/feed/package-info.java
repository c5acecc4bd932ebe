/**
 * What happens to an operation, as it happens: a stream that can be resumed, or a list.
 *
 * <p>May depend on: {@code http}, {@code db}, {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.api.feed;

import org.jspecify.annotations.NullMarked;
