package io.ktrdr.api.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log how workers are, and removes those that have been silent for too long. Health
 * itself is not kept anywhere: it follows from the last heartbeat. Several API processes do each
 * other no harm. While the database is away nothing is checked, and no silence counts.
 */
public final class HealthMonitor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);

  private final Jdbi jdbi;
  private final WorkerRegistryStore workers = new WorkerRegistryStore();
  private final HealthLimits limits;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** Failures each worker was last seen with. */
  private final Map<String, Integer> known = new HashMap<>();

  private boolean databaseAway;

  public HealthMonitor(Jdbi jdbi, HealthLimits limits) {
    this.jdbi = jdbi;
    this.limits = limits;
    this.thread = Thread.ofPlatform().name("worker-health").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    try {
      do {
        try {
          check();
          databaseAway = false;
        } catch (JdbiException e) {
          if (!databaseAway) {
            LOG.warn(
                "Workers' health is not checked while the database is away: {}", e.getMessage());
          }
          databaseAway = true;
        } catch (RuntimeException e) {
          LOG.error("Workers' health not checked", e);
        }
      } while (!closing.await(limits.interval().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("Health monitor ends");
    }
  }

  private void check() {
    if (!jdbi.withHandle(workers::leasesRun)) {
      return;
    }
    List<String> removed =
        jdbi.inTransaction(handle -> {
          workers.forgetDrains(handle, limits.removal());
          return workers.removeSilent(handle, limits.removal());
        });
    for (String id : removed) {
      LOG.warn("Worker removed: {} (no sign of life for {} s)", id, limits.removal().toSeconds());
    }
    Map<String, Integer> now = new HashMap<>();
    for (RegisteredWorker worker :
        jdbi.withHandle(handle -> workers.list(handle, Optional.empty()))) {
      int failures = limits.failures(worker.silence());
      tell(worker.workerId(), Optional.ofNullable(known.get(worker.workerId())), failures);
      now.put(worker.workerId(), failures);
    }
    known.clear();
    known.putAll(now);
  }

  private static void tell(String id, Optional<Integer> before, int failures) {
    if (failures == 0) {
      if (before.isPresent() && before.get() == 0) {
        LOG.debug("Health check passed: {}", id);
      } else {
        LOG.info("Health check passed: {}", id);
      }
      return;
    }
    // A check that came late would else leave a number out; a worker seen first is told of once.
    int first = before.isPresent() ? before.get() + 1 : failures;
    for (int n = first; n <= failures; n++) {
      if (n == HealthLimits.FAILURES_MAX) {
        LOG.error("Worker marked unavailable: {} ({}/{} failures)", id, n, n);
      } else {
        LOG.warn("Health check failed: {} ({}/{} failures)", id, n, HealthLimits.FAILURES_MAX);
      }
    }
  }
}
