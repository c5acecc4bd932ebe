/**
 * Looks whether database, broker and workers are as they should be, and says what to do.
 *
 * <p>May depend on: {@code rescue}, {@code outbox}, {@code db}, {@code http}, {@code
 * io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.doctor;

import org.jspecify.annotations.NullMarked;
