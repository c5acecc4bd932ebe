package planted.strategy;

import io.opentelemetry.sdk.OpenTelemetrySdk;

/** A feature that traces by itself, with an SDK of its own. */
record TracesByItself(OpenTelemetrySdk sdk) {}
