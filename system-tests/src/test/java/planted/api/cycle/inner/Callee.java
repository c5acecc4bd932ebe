package planted.api.cycle.inner;

import java.util.List;
import planted.api.cycle.Caller;

/** The other half. */
public record Callee(List<Caller> callers) {}
