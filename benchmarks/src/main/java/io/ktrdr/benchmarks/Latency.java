package io.ktrdr.benchmarks;

import io.ktrdr.standalone.DatabaseAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Submit → done at a fixed rate: requests leave on schedule, whether or not earlier ones are
 * answered, and the clock starts at the scheduled moment, so that a stall counts for everybody it
 * kept waiting. "Done" is the moment a query on a connection of its own sees the operation as
 * completed; it asks about twice a millisecond while any is outstanding.
 */
final class Latency {

  private static final int CONNECTIONS = 16;
  private static final Duration WATCH_PAUSE = Duration.ofNanos(500_000);
  private static final Duration DONE_LIMIT = Duration.ofSeconds(30);

  private final int port;
  private final DatabaseAccess access;
  private final ConcurrentHashMap<String, Long> outstanding = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final List<Double> acceptMillis = Collections.synchronizedList(new ArrayList<>());
  private final List<Double> doneMillis = new ArrayList<>();

  Latency(int port, DatabaseAccess access) {
    this.port = port;
    this.access = access;
  }

  /** Sorted milliseconds from the scheduled moment. */
  record Samples(List<Double> accept, List<Double> done) {}

  static double quantile(List<Double> sorted, double q) {
    return sorted.get((int) Math.min(sorted.size() - 1L, (long) Math.ceil(q * sorted.size()) - 1));
  }

  Samples measure(int perSecond, int count, String what, Progress progress) {
    BlockingQueue<HttpConnection> idle = new ArrayBlockingQueue<>(CONNECTIONS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        idle.add(new HttpConnection(port));
      }
      Thread watcher = Thread.ofPlatform().name("watch-done").start(() -> watch(count));
      long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
      long first = System.nanoTime() + interval;
      for (int i = 0; i < count; i++) {
        long due = first + i * interval;
        waitUntil(due);
        threads.execute(() -> submit(idle, due));
        progress.bar(what, (double) i / count);
      }
      watcher.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      idle.forEach(Latency::close);
    }
    RuntimeException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
    return new Samples(
        acceptMillis.stream().sorted().toList(), doneMillis.stream().sorted().toList());
  }

  private void submit(BlockingQueue<HttpConnection> idle, long due) {
    try {
      HttpConnection connection = idle.take();
      try {
        String id = Load.submit(connection, Load.request(connection, 100_000));
        acceptMillis.add(millisSince(due));
        outstanding.put(id, due);
      } finally {
        idle.add(connection);
      }
    } catch (IOException e) {
      failures.add(new UncheckedIOException(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private void watch(int count) {
    try (Connection connection = access.connect();
        PreparedStatement query =
            connection.prepareStatement(
                "select id from operations where id = any(?) and status = 'completed'")) {
      long deadline = System.nanoTime() + DONE_LIMIT.toNanos();
      while (doneMillis.size() < count && failures.isEmpty()) {
        String[] ids = outstanding.keySet().toArray(String[]::new);
        if (ids.length > 0) {
          deadline = Math.max(deadline, System.nanoTime() + DONE_LIMIT.toNanos() / 2);
          look(connection, query, ids);
        } else if (System.nanoTime() > deadline) {
          failures.add(new IllegalStateException("nothing was submitted for too long"));
        }
        LockSupport.parkNanos(WATCH_PAUSE.toNanos());
      }
    } catch (SQLException e) {
      failures.add(new IllegalStateException(e));
    }
  }

  private void look(Connection connection, PreparedStatement query, String[] ids)
      throws SQLException {
    Array array = connection.createArrayOf("text", ids);
    query.setArray(1, array);
    try (ResultSet rs = query.executeQuery()) {
      while (rs.next()) {
        Long due = outstanding.remove(rs.getString(1));
        if (due != null) {
          doneMillis.add(millisSince(due));
        }
      }
    } finally {
      array.free();
    }
    for (Long due : outstanding.values()) {
      if (System.nanoTime() - due > DONE_LIMIT.toNanos()) {
        failures.add(new IllegalStateException("an operation is not done after " + DONE_LIMIT));
        return;
      }
    }
  }

  private static void waitUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  private static void close(HttpConnection connection) {
    try {
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
