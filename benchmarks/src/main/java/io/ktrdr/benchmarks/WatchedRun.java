package io.ktrdr.benchmarks;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.PartialResult;
import io.ktrdr.worker.RunContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A worker's own context with a clock beside it: what a run spends on being watched. From when a
 * checkpoint is offered until the report after it has returned, a run does nothing else, so this
 * includes making the report; two looks at the clock, some 50 ns, are part of every figure.
 *
 * <p>A checkpoint that is taken is timed by itself and is no part of the other times. For a run
 * whose every offer is followed by a report. On the handler's thread only.
 */
final class WatchedRun implements RunContext {

  /** At what interval the worker must be told to take checkpoints. */
  static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  static final int NEVER = Integer.MAX_VALUE;

  private static final long MARGIN_NANOS = 20_000_000;

  private final RunContext real;
  private final int heldOffer;
  private final long begun = System.nanoTime();
  private int offers;
  private long offered;
  private long barsBegun;
  private long barsEnded;
  private long watched;
  private long watchedAtBars;
  private long taking;
  private boolean taken;

  /**
   * @param heldOffer the n-th checkpoint offered, counted from 1, waits until one is due, so that
   *     it is taken; the run's times are then of no use
   */
  WatchedRun(RunContext real, int heldOffer) {
    this.real = real;
    this.heldOffer = heldOffer;
  }

  /** Time of the whole run so far, checkpoints apart. */
  long runNanos() {
    return System.nanoTime() - begun - taking;
  }

  /** Time from the first bar to the last, checkpoints apart. */
  long barsNanos() {
    return barsEnded - barsBegun - taking;
  }

  /** What progress, and looking whether to stop, took of the run. */
  long watchedNanos() {
    return watched;
  }

  /** What they took from the first bar to the last. */
  long watchedAtBarsNanos() {
    return watchedAtBars;
  }

  /** What the checkpoints took that were taken: read from the engine, stored, noted. */
  long takingNanos() {
    return taking;
  }

  @Override
  public OperationId operationId() {
    return real.operationId();
  }

  @Override
  public int attempt() {
    return real.attempt();
  }

  @Override
  public void report(Progress progress) {
    boolean atBars = offered != 0;
    long since = atBars ? offered : System.nanoTime();
    offered = 0;
    real.report(progress);
    barsEnded = System.nanoTime();
    watched += barsEnded - since;
    if (atBars) {
      watchedAtBars += barsEnded - since;
    }
  }

  @Override
  public void throwIfStopped() {
    long since = System.nanoTime();
    real.throwIfStopped();
    watched += System.nanoTime() - since;
  }

  @Override
  public void onStop(PartialResult partial) {
    real.onStop(partial);
    barsBegun = System.nanoTime();
  }

  @Override
  public void checkpoint(Supplier<byte[]> state) {
    if (++offers == heldOffer) {
      long due = System.nanoTime() + CHECKPOINT_INTERVAL.toNanos() + MARGIN_NANOS;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(this, due - now);
      }
      taking = 0;
    }
    taken = false;
    offered = System.nanoTime();
    real.checkpoint(() -> {
      taken = true;
      return state.get();
    });
    if (taken) {
      long ended = System.nanoTime();
      taking += ended - offered;
      offered = ended;
    }
  }

  @Override
  public Optional<byte[]> latestCheckpoint() throws InterruptedException {
    return real.latestCheckpoint();
  }

  @Override
  public byte[] artifact(Sha256 sha256) throws InterruptedException {
    return real.artifact(sha256);
  }

  @Override
  public ArtifactRef storeArtifact(String name, byte[] bytes) throws InterruptedException {
    return real.storeArtifact(name, bytes);
  }
}
