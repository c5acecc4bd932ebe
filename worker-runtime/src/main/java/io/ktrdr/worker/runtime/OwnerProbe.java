package io.ktrdr.worker.runtime;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API whether the process that claimed a run still exists. Not the process itself: seen
 * from here its address may be that of another host, or of nobody, while it is alive and well.
 */
final class OwnerProbe {

  private static final Logger LOG = LoggerFactory.getLogger(OwnerProbe.class);

  private final ApiClient api;

  OwnerProbe(ApiClient api) {
    this.api = api;
  }

  /** True only for certain death. An API that is away, or any other doubt, is not death. */
  boolean isDead(String workerId, String instanceId) {
    try {
      return api.instanceState(workerId, instanceId).equals("dead");
    } catch (IOException e) {
      LOG.debug("Nothing is known of {}: {}", workerId, e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
