package io.ktrdr.protocol;

import java.time.Duration;

/**
 * How long a run stays its worker's without a sign of life. Judged by the database's clock only.
 */
public final class RunLease {

  /** A worker says this often that it and its run are alive. */
  public static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(5);

  /**
   * A run without a heartbeat for this long has lost its worker: three heartbeats may be missed.
   */
  public static final Duration DURATION = Duration.ofSeconds(20);

  private RunLease() {}
}
