/**
 * Events from workers become the state of operations.
 *
 * <p>May depend on: {@code operation}, {@code tracing}, {@code model}, {@code artifact}, {@code
 * db}, {@code io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.projection;

import org.jspecify.annotations.NullMarked;
