package io.ktrdr.worker;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import java.util.Optional;
import java.util.function.Supplier;

/** A run's view of the world. Thread-safe. */
public interface RunContext {

  /** The largest checkpoint that is kept, in bytes. */
  int CHECKPOINT_BYTES_MAX = 16 * 1024 * 1024;

  OperationId operationId();

  /** 1-based. */
  int attempt();

  /**
   * Says how far the run is. Cheap: keeps the newest value and returns; a few a second are sent,
   * and always the last one before the end. Call it as often as there is something new.
   */
  void report(Progress progress);

  /**
   * @throws RunStoppedException when this run must end: cancelled, over its time, fenced off, or
   *     the worker stops
   */
  void throwIfStopped();

  /**
   * Says what to keep should this run be cancelled. The last call counts. Without one, a cancelled
   * operation has no result.
   */
  void onStop(PartialResult partial);

  /**
   * Offers a point from which another attempt can go on, then does what {@link #throwIfStopped()}
   * does. Cheap, call it at every step: one is taken every half a minute (a setting of the
   * worker's), and one when the run must stop for another reason than that it was taken away. A
   * checkpoint that cannot be stored, or is larger than {@link #CHECKPOINT_BYTES_MAX}, is a line in
   * the log and nothing else.
   *
   * @param state called here and now, or not at all
   * @throws RunStoppedException as {@link #throwIfStopped()}
   */
  void checkpoint(Supplier<byte[]> state);

  /**
   * The newest checkpoint of this operation's earlier attempts; empty when there is none, or none
   * that can still be read.
   *
   * @throws OperationFailedException retryable, when the API cannot be reached
   * @throws InterruptedException when the thread is interrupted
   */
  Optional<byte[]> latestCheckpoint() throws InterruptedException;

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
