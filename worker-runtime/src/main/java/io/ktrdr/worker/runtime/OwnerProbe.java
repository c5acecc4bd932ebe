package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.InstanceProbe;
import java.util.UUID;

/** Asks a worker's health endpoint whether the process that claimed a run still exists. */
final class OwnerProbe {

  private final InstanceProbe probe = new InstanceProbe();

  /** True only for certain death. A timeout or any other doubt is not death. */
  boolean isDead(String endpointUrl, String instanceId) {
    try {
      return probe.ask(endpointUrl, UUID.fromString(instanceId)) == InstanceProbe.Answer.DEAD;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
