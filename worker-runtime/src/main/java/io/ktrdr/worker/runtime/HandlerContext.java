package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.PartialResult;
import io.ktrdr.worker.RunContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a handler sees of its run. */
final class HandlerContext implements RunContext {

  private static final Logger LOG = LoggerFactory.getLogger(HandlerContext.class);
  private static final int LOGGED_STEP_PERCENT = 10;

  private final RunControl run;
  private final RunEvents events;
  private final RunStore runs;
  private final ArtifactCache artifacts;
  private final Checkpoints checkpoints;
  private volatile PartialResult partial = Optional::empty;
  private int loggedTenths = -1;

  HandlerContext(
      RunControl run,
      RunEvents events,
      RunStore runs,
      ArtifactCache artifacts,
      Duration checkpointInterval) {
    this.run = run;
    this.events = events;
    this.runs = runs;
    this.artifacts = artifacts;
    this.checkpoints =
        new Checkpoints(
            run,
            checkpointInterval,
            bytes -> {
              Sha256 sha256 = artifacts.storeCheckpoint(bytes, Checkpoints.TRANSFER_TIMEOUT);
              runs.checkpoint(run.runId(), sha256);
            });
  }

  /** What to keep of a cancelled run. */
  PartialResult partial() {
    return partial;
  }

  @Override
  public OperationId operationId() {
    return run.operationId();
  }

  @Override
  public int attempt() {
    return run.attempt();
  }

  @Override
  public void report(Progress newest) {
    events.report(newest);
    int tenths = (int) (newest.percentage() / LOGGED_STEP_PERCENT);
    if (tenths > loggedTenths) {
      loggedTenths = tenths;
      LOG.info(
          "Progress: {}% {} {}",
          String.format(Locale.ROOT, "%.1f", newest.percentage()),
          newest.currentStep(),
          run.operationId());
      run.trace().progressed(newest);
    }
  }

  @Override
  public void throwIfStopped() {
    run.throwIfStopped();
  }

  @Override
  public void onStop(PartialResult newest) {
    partial = newest;
  }

  @Override
  public void checkpoint(Supplier<byte[]> state) {
    checkpoints.offer(state, System.nanoTime());
    run.throwIfStopped();
  }

  @Override
  public Optional<byte[]> latestCheckpoint() throws InterruptedException {
    if (run.attempt() == 1) {
      return Optional.empty();
    }
    Optional<Sha256> newest =
        DatabaseRetry.untilDone(
            "search for a checkpoint of " + run.operationId(),
            () -> runs.latestCheckpoint(run.operationId(), run.attempt()));
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(artifacts.read(newest.get(), this::waitsForTheApi));
    } catch (OperationFailedException e) {
      if (e.failure().retryable()) {
        throw e;
      }
      LOG.warn("Checkpoint not read ({}): {} begins anew", e.getMessage(), run.operationId());
      return Optional.empty();
    }
  }

  @Override
  public byte[] artifact(Sha256 sha256) throws InterruptedException {
    return run.trace().step("read artifact", () -> artifacts.read(sha256, this::waitsForTheApi));
  }

  @Override
  public ArtifactRef storeArtifact(String name, byte[] bytes) throws InterruptedException {
    return run.trace()
        .step("store artifact", () -> artifacts.store(name, bytes, this::waitsForTheApi));
  }

  /** A run does not stand still while the API is away: it has done its part. */
  private void waitsForTheApi() {
    run.progressed(System.nanoTime());
  }
}
