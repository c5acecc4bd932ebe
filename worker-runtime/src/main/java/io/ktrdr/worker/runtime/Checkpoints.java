package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run: one every interval, and one when it must stop. Nothing here fails a
 * run. Used on the handler's thread only.
 */
final class Checkpoints {

  /** Longest time a handler stands still for the bytes of one. */
  static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  /** Where they go. */
  interface Shelf {
    /** Keeps the bytes, and notes that this run's newest checkpoint are these. */
    void put(byte[] bytes) throws IOException, InterruptedException;
  }

  private final RunControl run;
  private final Shelf shelf;
  private final long intervalNanos;
  private long takenNanos;
  private boolean takenAtStop;
  private @Nullable Sha256 newest;

  /**
   * @param interval work that may have to be done again after a crash
   */
  Checkpoints(RunControl run, Duration interval, Shelf shelf) {
    this.run = run;
    this.intervalNanos = interval.toNanos();
    this.shelf = shelf;
    this.takenNanos = run.begunNanos();
  }

  void offer(Supplier<byte[]> state, long nowNanos) {
    Stop stop = run.stopped();
    if (stop == null) {
      if (nowNanos - takenNanos >= intervalNanos) {
        takenNanos = nowNanos;
        take(state);
      }
    } else if (!takenAtStop && stop.reason() != StopReason.FENCED) {
      takenAtStop = true;
      take(state);
    }
  }

  private void take(Supplier<byte[]> state) {
    run.interruptible(false);
    try {
      byte[] bytes = state.get();
      if (bytes.length > RunContext.CHECKPOINT_BYTES_MAX) {
        LOG.warn(
            "Checkpoint of {} not kept: {} bytes, the limit is {}",
            run.operationId(),
            bytes.length,
            RunContext.CHECKPOINT_BYTES_MAX);
        return;
      }
      Sha256 sha256 = Sha256.of(bytes);
      if (!sha256.equals(newest)) {
        shelf.put(bytes);
        newest = sha256;
        LOG.debug("Checkpoint of {}: {} bytes", run.operationId(), bytes.length);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Checkpoint of {} not kept ({}); work goes on", run.operationId(), e.toString());
    } catch (InterruptedException e) {
      LOG.warn("Checkpoint of {} not kept: this process ends", run.operationId());
      Thread.currentThread().interrupt();
    } finally {
      run.interruptible(true);
    }
  }
}
