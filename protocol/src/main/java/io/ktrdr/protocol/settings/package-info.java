/**
 * Settings of the processes: read from the environment by name, with one sentence for every
 * mistake.
 *
 * <p>May depend on: the JDK and {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.protocol.settings;

import org.jspecify.annotations.NullMarked;
