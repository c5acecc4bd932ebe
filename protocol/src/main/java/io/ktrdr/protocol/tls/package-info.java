/**
 * Whose TLS certificates this process believes.
 *
 * <p>May depend on: the JDK and {@code io.ktrdr.protocol.settings}.
 */
@NullMarked
package io.ktrdr.protocol.tls;

import org.jspecify.annotations.NullMarked;
