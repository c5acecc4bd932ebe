/**
 * The AMQP classes that API and workers both need: the topology declared once, connections, a
 * confirmed publisher and a supervised consumer.
 *
 * <p>May depend on: {@code io.ktrdr.protocol} and amqp-client.
 */
@NullMarked
package io.ktrdr.protocol.amqp;

import org.jspecify.annotations.NullMarked;
