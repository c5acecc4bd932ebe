/**
 * The words every KTRDR process shares: ids, operation types and specs, commands, events and their
 * JSON. Knows nothing of HTTP, SQL or AMQP.
 *
 * <p>May depend on: the JDK and Jackson.
 */
@NullMarked
package io.ktrdr.protocol;

import org.jspecify.annotations.NullMarked;
