package io.ktrdr.backtest;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A run whose artifacts and progress stay in memory. */
final class InMemoryRun implements RunContext {

  final List<Progress> reports = new ArrayList<>();
  private final Map<Sha256, byte[]> artifacts = new HashMap<>();
  private volatile int stopAfterReports = Integer.MAX_VALUE;

  Sha256 give(byte[] bytes) {
    Sha256 sha256 = Sha256.of(bytes);
    artifacts.put(sha256, bytes);
    return sha256;
  }

  /** From the n-th report on, the run is told to stop. */
  InMemoryRun stopAfterReports(int n) {
    stopAfterReports = n;
    return this;
  }

  byte[] bytes(ArtifactRef artifact) {
    return artifact(artifact.sha256());
  }

  @Override
  public OperationId operationId() {
    return OperationId.parse("op_backtest_20251110_103000_abc12345");
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
