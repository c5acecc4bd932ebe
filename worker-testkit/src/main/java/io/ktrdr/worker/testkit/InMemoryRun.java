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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A run whose artifacts, progress and checkpoints stay in memory. Thread-safe. */
public final class InMemoryRun implements RunContext {

  private final OperationId operationId;
  private final List<Progress> reports = new CopyOnWriteArrayList<>();
  private final Map<Sha256, byte[]> artifacts = new ConcurrentHashMap<>();
  private volatile PartialResult partial = Optional::empty;
  private volatile byte @Nullable [] checkpoint;
  private volatile int stopAfterReports = Integer.MAX_VALUE;

  /**
   * @param operationId e.g. {@code op_backtest_20251110_103000_abc12345}
   */
  public InMemoryRun(String operationId) {
    this.operationId = OperationId.parse(operationId);
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

  /** What was reported, oldest first. */
  public List<Progress> reports() {
    return List.copyOf(reports);
  }

  public byte[] bytes(ArtifactRef artifact) {
    return artifact(artifact.sha256());
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
    return 1;
  }

  @Override
  public void report(Progress progress) {
    reports.add(progress);
  }

  @Override
  public void throwIfStopped() {
    if (reports.size() >= stopAfterReports) {
      throw new RunStoppedException("cancelled by user");
    }
  }

  @Override
  public void onStop(PartialResult newest) {
    partial = newest;
  }

  /** {@inheritDoc} Here, every one is taken. */
  @Override
  public void checkpoint(Supplier<byte[]> state) {
    checkpoint = state.get();
    throwIfStopped();
  }

  @Override
  public Optional<byte[]> latestCheckpoint() {
    return Optional.ofNullable(checkpoint);
  }

  @Override
  public byte[] artifact(Sha256 sha256) {
    byte[] bytes = artifacts.get(sha256);
    if (bytes == null) {
      throw OperationFailedException.permanent("ARTIFACT_MISSING", "no artifact " + sha256);
    }
    return bytes;
  }

  @Override
  public ArtifactRef storeArtifact(String name, byte[] bytes) {
    return new ArtifactRef(name, give(bytes), bytes.length);
  }
}
