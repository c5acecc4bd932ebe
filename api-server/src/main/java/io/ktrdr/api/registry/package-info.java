/**
 * The worker registry as users and workers see it over HTTP.
 *
 * <p>May depend on: {@code db}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.registry;

import org.jspecify.annotations.NullMarked;
