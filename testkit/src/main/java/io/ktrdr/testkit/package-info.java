/**
 * What tests stand on: real Postgres databases and RabbitMQ virtual hosts made in milliseconds, and
 * the whole system as real processes. Servers are started once per JVM, on first use, and are gone
 * when it ends; a killed JVM's are swept by the next.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.standalone}, Flyway.
 */
@NullMarked
package io.ktrdr.testkit;

import org.jspecify.annotations.NullMarked;
