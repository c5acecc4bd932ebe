package io.ktrdr.api.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What operators decided for a type, or for all.
 *
 * @param accepting new operations are accepted
 * @param dispatching workers begin what waits
 * @param reason in the operator's words
 */
record Control(boolean accepting, boolean dispatching, @Nullable String reason, Instant changedAt) {

  boolean allOn() {
    return accepting && dispatching;
  }
}
