package io.ktrdr.testkit;

import io.ktrdr.standalone.Applications;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.ProcessSpec;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Processes of the product that a test starts by itself, because they are to be something else than
 * a {@link TestSystem}. Each ends at the latest with the JVM. Thread-safe.
 */
public final class TestProcesses {

  private static final AtomicInteger COUNTER = new AtomicInteger();

  private TestProcesses() {}

  /** What can be started, with its logs in a folder of its own that is gone when the JVM ends. */
  public static Applications applications() {
    return TestRun.current().applications("processes-" + COUNTER.incrementAndGet());
  }

  /** Starts one and does not wait for it. */
  public static OwnedProcess start(ProcessSpec spec) {
    return TestRun.current().ledger().start(spec);
  }
}
