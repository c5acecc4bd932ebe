/**
 * HTTP itself: the server, problem details, reading bodies and parameters.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, Javalin.
 */
@NullMarked
package io.ktrdr.api.http;

import org.jspecify.annotations.NullMarked;
