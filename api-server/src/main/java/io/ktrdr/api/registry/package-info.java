/**
 * The worker registry: registration, health and removal of workers, and their view over HTTP.
 *
 * <p>May depend on: {@code audit}, {@code operation}, {@code db}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.registry;

import org.jspecify.annotations.NullMarked;
