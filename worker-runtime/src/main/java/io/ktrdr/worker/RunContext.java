package io.ktrdr.worker;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;

/** A run's view of the world. Thread-safe. */
public interface RunContext {

  OperationId operationId();

  /** 1-based. */
  int attempt();

  /**
   * Says how far the run is. Cheap: keeps the newest value and returns; a few a second are sent,
   * and always the last one before the end. Call it as often as there is something new.
   */
  void report(Progress progress);

  /**
   * @throws RunStoppedException when this run must end: cancelled, fenced off, or the worker stops
   */
  void throwIfStopped();

  /**
   * Reads an artifact, from the worker's cache or from the API.
   *
   * @throws OperationFailedException when it does not exist or arrives damaged; retryable when the
   *     API cannot be reached
   * @throws InterruptedException when the thread is interrupted
   */
  byte[] artifact(Sha256 sha256) throws InterruptedException;

  /**
   * Stores bytes under their digest, once, before the result that refers to them.
   *
   * @param name what it is to this operation, e.g. {@link ArtifactRef#MODEL}
   * @throws OperationFailedException when it is too large; retryable when the API cannot be reached
   * @throws InterruptedException when the thread is interrupted
   */
  ArtifactRef storeArtifact(String name, byte[] bytes) throws InterruptedException;
}
