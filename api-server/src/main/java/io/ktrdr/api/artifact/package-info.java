/**
 * Bytes under their own digest, kept in Postgres.
 *
 * <p>May depend on: {@code db}, {@code http}, {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.api.artifact;

import org.jspecify.annotations.NullMarked;
