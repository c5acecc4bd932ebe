/**
 * The {@code ktrdr} command: a pure HTTP client of the API.
 *
 * <p>May depend on: {@code io.ktrdr.protocol} and picocli.
 */
@NullMarked
package io.ktrdr.cli;

import org.jspecify.annotations.NullMarked;
