/**
 * Finds what nothing would bring on by itself and puts it back to work: runs whose worker fell
 * silent, operations whose message is gone, queues that were deleted.
 *
 * <p>May depend on: {@code control}, {@code projection}, {@code operation}, {@code outbox}, {@code
 * audit}, {@code access}, {@code idempotency}, {@code db}, {@code http}, {@code
 * io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.rescue;

import org.jspecify.annotations.NullMarked;
