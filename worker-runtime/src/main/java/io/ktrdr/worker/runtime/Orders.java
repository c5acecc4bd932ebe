package io.ktrdr.worker.runtime;

import java.util.List;
import java.util.Optional;

/**
 * What the API wants of this worker, as of its last heartbeat.
 *
 * @param supersededBy the process that has this worker's id now; empty while it is this one's
 * @param drain it is to finish what it does and leave
 * @param paused it is to begin nothing
 * @param demandQueues routes of waiting operations with a demand that this worker meets
 */
record Orders(
    Optional<String> supersededBy, boolean drain, boolean paused, List<String> demandQueues) {

  /** Before the first heartbeat. */
  static final Orders NONE = new Orders(Optional.empty(), false, false, List.of());

  Orders {
    demandQueues = List.copyOf(demandQueues);
  }

  boolean superseded() {
    return supersededBy.isPresent();
  }
}
