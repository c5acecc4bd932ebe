package planted.api.cycle;

import planted.api.cycle.inner.Callee;

/** Half of a cycle of packages. */
public record Caller(Callee callee) {}
