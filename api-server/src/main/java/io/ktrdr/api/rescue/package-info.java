/**
 * Finds runs whose worker fell silent and puts their operations back to work.
 *
 * <p>May depend on: {@code projection}, {@code operation}, {@code outbox}, {@code db}.
 */
@NullMarked
package io.ktrdr.api.rescue;

import org.jspecify.annotations.NullMarked;
