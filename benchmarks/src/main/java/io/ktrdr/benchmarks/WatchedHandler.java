package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.backtest.BacktestHandler;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/**
 * Runs one backtest again and again in the worker it is in, and adds to the result what each {@link
 * WatchedRun} has measured: arrays, one value a repetition, under {@value #TIMES}.
 */
final class WatchedHandler implements OperationHandler<OperationSpec.Backtest> {

  /** In nanoseconds, by name. */
  static final String TIMES = "watched";

  static final String RUN = "run";
  static final String BARS = "bars";
  static final String OF_RUN = "watched_of_run";
  static final String OF_BARS = "watched_of_bars";
  static final String BESIDE = "other_threads_cpu";
  static final String CHECKPOINT = "checkpoint";

  private final int warmUp;
  private final int repeats;
  private final int offers;

  /**
   * @param offers of checkpoints in a run
   */
  WatchedHandler(int warmUp, int repeats, int offers) {
    this.warmUp = warmUp;
    this.repeats = repeats;
    this.offers = offers;
  }

  @Override
  public Class<OperationSpec.Backtest> specType() {
    return OperationSpec.Backtest.class;
  }

  @Override
  public OperationResult run(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    OperationResult result = once(spec, new WatchedRun(context, offers));
    ObjectNode times = result.values().putObject(TIMES);
    for (int i = -warmUp; i < repeats; i++) {
      long cpu = cpuOfOthers();
      WatchedRun plain = new WatchedRun(context, WatchedRun.NEVER);
      once(spec, plain);
      long run = plain.runNanos();
      cpu = cpuOfOthers() - cpu;
      // The state at the last bar is the largest.
      WatchedRun held = new WatchedRun(context, offers);
      once(spec, held);
      if (i >= 0) {
        times.withArray(RUN).add(run);
        times.withArray(BARS).add(plain.barsNanos());
        times.withArray(OF_RUN).add(plain.watchedNanos());
        times.withArray(OF_BARS).add(plain.watchedAtBarsNanos());
        times.withArray(BESIDE).add(cpu);
        times.withArray(CHECKPOINT).add(held.takingNanos());
      }
    }
    return result;
  }

  /** By a new handler, whose cache of indicators is empty. */
  private static OperationResult once(OperationSpec.Backtest spec, WatchedRun run)
      throws InterruptedException {
    return new BacktestHandler().run(spec, run);
  }

  /**
   * CPU time of the threads that send progress, look for a cancel and write heartbeats: of all Java
   * threads but this one and those that carry artifacts.
   */
  private static long cpuOfOthers() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null
          && thread.getThreadId() != Thread.currentThread().threadId()
          && !thread.getThreadName().startsWith("HttpClient")) {
        nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
      }
    }
    return nanos;
  }
}
