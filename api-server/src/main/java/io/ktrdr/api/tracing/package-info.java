/**
 * The API's part of every attempt's trace: the request, the message on its way, its events applied.
 *
 * <p>May depend on: {@code http}, {@code io.ktrdr.protocol.amqp}, {@code
 * io.ktrdr.protocol.telemetry}.
 */
@NullMarked
package io.ktrdr.api.tracing;

import org.jspecify.annotations.NullMarked;
