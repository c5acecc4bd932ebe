/**
 * Messages committed with their cause, and the relay that brings them to the broker.
 *
 * <p>May depend on: {@code db}, {@code tracing}, {@code io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.outbox;

import org.jspecify.annotations.NullMarked;
