/**
 * What API and workers say of themselves besides metrics: traces, by OpenTelemetry, and the form of
 * their log lines. Not for the client: the libraries are optional to this module.
 *
 * <p>May depend on: {@code io.ktrdr.protocol.settings}, OpenTelemetry, Logback and its JSON
 * encoder.
 */
@NullMarked
package io.ktrdr.protocol.telemetry;

import org.jspecify.annotations.NullMarked;
