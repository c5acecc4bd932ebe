/**
 * What people and the rescuer do to operations: cancel, retry, resume, time out, take a lost run
 * away.
 *
 * <p>May depend on: {@code projection}, {@code operation}, {@code outbox}, {@code audit}, {@code
 * access}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.control;

import org.jspecify.annotations.NullMarked;
