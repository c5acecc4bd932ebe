/**
 * The generic worker: registration, intake, claim, run, events, heartbeat, health and graceful
 * stop. Knows no finance.
 *
 * <p>May depend on: {@code io.ktrdr.worker}, {@code io.ktrdr.protocol}, {@code
 * io.ktrdr.protocol.amqp}, Jdbi.
 */
@NullMarked
package io.ktrdr.worker.runtime;

import org.jspecify.annotations.NullMarked;
