/**
 * Who may use the API: tokens, their roles, and the file that lists them.
 *
 * <p>May depend on: the JDK, {@code io.ktrdr.protocol} and its settings.
 */
@NullMarked
package io.ktrdr.protocol.access;

import org.jspecify.annotations.NullMarked;
