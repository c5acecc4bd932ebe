package io.ktrdr.worker.testkit;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.PartialResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run whose artifacts, progress and checkpoints stay in memory. What may wait in a real run is
 * interrupted here, too. Thread-safe.
 */
public final class InMemoryRun implements RunContext {

  private static final int NEVER = Integer.MAX_VALUE;

  private final OperationId operationId;
  private final int attempt;
  private final byte @Nullable [] earlierCheckpoint;
  private final Map<Sha256, byte[]> artifacts;
  private final List<Progress> reports = new CopyOnWriteArrayList<>();
  private final AtomicInteger checkpointsOffered = new AtomicInteger();
  private volatile PartialResult partial = Optional::empty;
  private volatile byte @Nullable [] checkpoint;
  private volatile int stopAfterReports = NEVER;
  private volatile int stopAtCheckpoint = NEVER;
  private volatile boolean takesCheckpoints = true;
  private volatile int interruptAfterReports = NEVER;
  private volatile @Nullable Long stoppedNanos;

  /**
   * @param operationId e.g. {@code op_backtest_20251110_103000_abc12345}
   */
  public InMemoryRun(String operationId) {
    this(OperationId.parse(operationId), 1, new ConcurrentHashMap<>(), null);
  }

  private InMemoryRun(
      OperationId operationId,
      int attempt,
      Map<Sha256, byte[]> artifacts,
      byte @Nullable [] earlierCheckpoint) {
    this.operationId = operationId;
    this.attempt = attempt;
    this.artifacts = artifacts;
    this.earlierCheckpoint = earlierCheckpoint;
  }

  /** The run that follows this one: with its artifacts and its newest checkpoint, not stopped. */
  public InMemoryRun nextAttempt() {
    return new InMemoryRun(
        operationId, attempt + 1, artifacts, checkpoint == null ? earlierCheckpoint : checkpoint);
  }

  /** Makes bytes an artifact the handler can read. */
  public Sha256 give(byte[] bytes) {
    Sha256 sha256 = Sha256.of(bytes);
    artifacts.put(sha256, bytes);
    return sha256;
  }

  /** From the n-th report on, the run is told to stop. */
  public InMemoryRun stopAfterReports(int n) {
    stopAfterReports = n;
    return this;
  }

  /** From the n-th checkpoint on, which is still taken, the run is told to stop. */
  public InMemoryRun stopAtCheckpoint(int n) {
    stopAtCheckpoint = n;
    return this;
  }

  /** Takes no checkpoint, as no worker does of a run that ends within its first half a minute. */
  public InMemoryRun withoutCheckpoints() {
    takesCheckpoints = false;
    return this;
  }

  /** At the n-th report the handler's thread is interrupted, once. */
  public InMemoryRun interruptAfterReports(int n) {
    interruptAfterReports = n;
    return this;
  }

  /** What was reported, oldest first. */
  public List<Progress> reports() {
    return List.copyOf(reports);
  }

  /** How often the handler offered a checkpoint. */
  public int checkpointsOffered() {
    return checkpointsOffered.get();
  }

  /** How long ago the run was told to stop; zero when it never was. */
  public Duration sinceStop() {
    Long stopped = stoppedNanos;
    return stopped == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - stopped);
  }

  /** What was stored, or given. */
  public byte[] bytes(ArtifactRef artifact) {
    return bytes(artifact.sha256());
  }

  /** What a cancel would keep now. */
  public Optional<OperationResult> partialResult() throws InterruptedException {
    return partial.soFar();
  }

  @Override
  public OperationId operationId() {
    return operationId;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public void report(Progress progress) {
    reports.add(progress);
    if (reports.size() == stopAfterReports) {
      stoppedNanos = System.nanoTime();
    }
    if (reports.size() == interruptAfterReports) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void throwIfStopped() {
    if (reports.size() >= stopAfterReports || checkpointsOffered.get() >= stopAtCheckpoint) {
      throw new RunStoppedException("cancelled by user");
    }
  }

  @Override
  public void onStop(PartialResult newest) {
    partial = newest;
  }

  /** {@inheritDoc} Here, every one is taken, or none. */
  @Override
  public void checkpoint(Supplier<byte[]> state) {
    if (takesCheckpoints) {
      checkpoint = state.get();
    }
    if (checkpointsOffered.incrementAndGet() == stopAtCheckpoint) {
      stoppedNanos = System.nanoTime();
    }
    throwIfStopped();
  }

  @Override
  public Optional<byte[]> latestCheckpoint() throws InterruptedException {
    throwIfInterrupted();
    return Optional.ofNullable(earlierCheckpoint);
  }

  /** The newest checkpoint this run has taken. */
  public Optional<byte[]> checkpointTaken() {
    return Optional.ofNullable(checkpoint);
  }

  @Override
  public byte[] artifact(Sha256 sha256) throws InterruptedException {
    throwIfInterrupted();
    return bytes(sha256);
  }

  @Override
  public ArtifactRef storeArtifact(String name, byte[] bytes) throws InterruptedException {
    throwIfInterrupted();
    return new ArtifactRef(name, give(bytes), bytes.length);
  }

  private byte[] bytes(Sha256 sha256) {
    byte[] bytes = artifacts.get(sha256);
    if (bytes == null) {
      throw OperationFailedException.permanent("ARTIFACT_MISSING", "no artifact " + sha256);
    }
    return bytes;
  }

  private static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted");
    }
  }
}
