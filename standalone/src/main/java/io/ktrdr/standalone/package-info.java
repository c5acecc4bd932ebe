/**
 * The embedded default: brings up Postgres, RabbitMQ, the API and workers as separate real
 * processes on one machine, watches them and leaves nothing behind. Knows the other modules only by
 * their main class, environment and health endpoint.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, the JDK, picocli, the Postgres driver.
 */
@NullMarked
package io.ktrdr.standalone;

import org.jspecify.annotations.NullMarked;
