package io.ktrdr.benchmarks;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Workers whose operations do nothing: what they cost is the system's own share. Several share this
 * process, each a whole worker with its own id, connections, lease and subscription; that leaves
 * out only what a JVM costs.
 */
public final class NoopWorkerMain {

  private NoopWorkerMain() {}

  /**
   * Runs until it is told to stop.
   *
   * @param ports one a worker
   */
  public static void main(String[] ports) throws IOException, InterruptedException {
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("stop")
                .unstarted(() -> {
                  closing.countDown();
                  awaitUninterruptibly(closed);
                }));
    List<WorkerRuntime> workers = new ArrayList<>();
    try {
      for (String port : ports) {
        Map<String, String> settings = new HashMap<>(System.getenv());
        settings.put("WORKER_ID", workerId(System.getenv("WORKER_ID"), workers.size() + 1));
        settings.put("WORKER_PORT", port);
        workers.add(WorkerRuntime.start(OperationType.BACKTESTING, settings, new NoopHandler()));
      }
      closing.await();
    } finally {
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        workers.forEach(worker -> threads.execute(worker::close));
      }
      closed.countDown();
    }
  }

  /** Id of a worker, counted from 1, in a process of that name. */
  static String workerId(String process, int slot) {
    return process + "-" + slot;
  }

  private static void awaitUninterruptibly(CountDownLatch closed) {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
