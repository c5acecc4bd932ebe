package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.telemetry.LogOutput;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.worker.OperationHandler;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the {@code main} of every kind of worker calls. */
public final class WorkerMain {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

  private WorkerMain() {}

  /**
   * Runs a worker until the process is told to stop (SIGTERM, SIGINT) or the worker to drain,
   * gracefully then, with exit code 0. Settings come from the environment; a missing or wrong one
   * is one line and exit code 1, as is a worker id that belongs to another living process. Exit
   * code 3: an operation ignored its stop.
   *
   * @param handler called once, when the settings are known to be right
   * @param arguments of the program; {@code --print-config} prints what was set and found, and from
   *     where, and ends
   */
  public static void run(
      OperationType type, Supplier<OperationHandler<?>> handler, String... arguments) {
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicBoolean graceful = new AtomicBoolean();
    try {
      boolean printing = Settings.asksForTable(arguments);
      Settings settings = new Settings(System.getenv());
      LogOutput.apply(settings, Map.of("service", WorkerRuntime.TELEMETRY_NAME));
      boolean _ = settings.telemetry();
      WorkerConfig config = WorkerConfig.of(type, settings);
      LogOutput.apply(
          settings,
          Map.of(
              "service", WorkerRuntime.TELEMETRY_NAME,
              "worker", config.workerId().value(),
              "worker_type", type.wireName()));
      if (printing) {
        System.out.print(settings.table());
        return;
      }
      settings.warnings().forEach(LOG::warn);
      Thread main = Thread.currentThread();
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("stop")
                  .unstarted(() -> {
                    closing.countDown();
                    awaitUninterruptibly(closed, main);
                    if (graceful.get()) {
                      // By itself the JVM would report the signal, though all went as it should.
                      Runtime.getRuntime().halt(0);
                    }
                  }));
      WorkerRuntime worker =
          new WorkerRuntime(
              config,
              Telemetry.of(settings, WorkerRuntime.TELEMETRY_NAME),
              handler.get(),
              closing,
              Runtime.getRuntime()::halt);
      try (worker) {
        worker.start();
        LOG.info(
            "Worker {} ({}) ready on port {}", config.workerId(), type.wireName(), worker.port());
        closing.await();
      }
      graceful.set(worker.exitCode() == 0);
      closed.countDown();
      System.exit(worker.exitCode());
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      LOG.error("{}", e.getMessage());
      closed.countDown();
      System.exit(1);
    } catch (InterruptedException e) {
      graceful.set(true);
      LOG.info("Stopped before the worker was ready");
    } finally {
      closed.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch closed, Thread main) {
    try {
      while (main.isAlive() && closed.getCount() > 0) {
        main.join(java.time.Duration.ofMillis(100));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
