/**
 * Figures for Prometheus; the only importer of Micrometer.
 *
 * <p>May depend on: {@code db}, {@code http}, {@code operation}, {@code io.ktrdr.protocol.amqp}.
 */
@NullMarked
package io.ktrdr.api.metrics;

import org.jspecify.annotations.NullMarked;
