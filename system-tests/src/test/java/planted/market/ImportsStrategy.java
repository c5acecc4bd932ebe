package planted.market;

import planted.api.operation.SleepyManager;

/** A module that imports one it may not. */
record ImportsStrategy(SleepyManager other) {}
