package io.ktrdr.backtest;

import io.ktrdr.protocol.OperationSpec;
import org.jspecify.annotations.Nullable;

/**
 * Version of the engine that runs, which need not be that of the API an operation was submitted to:
 * while a fleet is brought up to date, workers of two versions run side by side.
 */
final class EngineVersion {

  private EngineVersion() {}

  /** This worker's, as its build wrote it into the jar. */
  static String of(OperationSpec.Backtest spec) {
    return of(EngineVersion.class.getPackage().getImplementationVersion(), spec);
  }

  /**
   * @param packaged null outside a jar, where the version at submit is all that is known
   */
  static String of(@Nullable String packaged, OperationSpec.Backtest spec) {
    return packaged == null ? spec.engineVersion() : packaged;
  }
}
