/**
 * Operations: submit, look up, list, and the pure rules of their life.
 *
 * <p>May depend on: {@code fleet}, {@code outbox}, {@code tracing}, {@code idempotency}, {@code
 * model}, {@code data}, {@code strategy}, {@code access}, {@code db}, {@code http}.
 */
@NullMarked
package io.ktrdr.api.operation;

import org.jspecify.annotations.NullMarked;
