/**
 * Messages that nobody could handle: looking at them, sending them back, throwing them away.
 *
 * <p>May depend on: {@code control}, {@code operation}, {@code outbox}, {@code audit}, {@code
 * access}, {@code http}, {@code io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.deadletter;

import org.jspecify.annotations.NullMarked;
