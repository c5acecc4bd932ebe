package io.ktrdr.benchmarks;

import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Submits backtests over a bounded number of keep-alive connections, each waiting for its answer
 * before it sends the next. A 503 is counted and sent again; anything else but 202 ends the
 * benchmark.
 */
final class Load {

  /** Connections, and so requests in flight at a time. */
  static final int CONNECTIONS = 64;

  private static final String PATH = "/api/v1/backtests/start";
  private static final Duration HOLD_STEP = Duration.ofMillis(2);

  private static final Duration RETRY_WAIT = Duration.ofMillis(50);

  private final int port;
  private final AtomicLong refused = new AtomicLong();

  Load(int port) {
    this.port = port;
  }

  /** Requests answered 503 so far; each was sent again. */
  long refused() {
    return refused.get();
  }

  /** The request every benchmark sends. */
  static String body(double capital) {
    return Json.mapper()
        .createObjectNode()
        .put("strategy_name", "neuro_mean_reversion")
        .put("symbol", "EURUSD")
        .put("timeframe", "1d")
        .put("start_date", "2023-01-01")
        .put("end_date", "2024-12-31")
        .put("initial_capital", capital)
        .toString();
  }

  /** Submits one and returns its id. */
  static String submit(HttpConnection connection, byte[] request) throws IOException {
    HttpConnection.Answer answer = connection.send(request);
    if (answer.status() != 202) {
      throw new IllegalStateException(
          "submit answered %d: %s".formatted(answer.status(), answer.body()));
    }
    return Json.mapper().readTree(answer.body()).path("operation_id").asText();
  }

  static byte[] request(HttpConnection connection, double capital) {
    return connection.post(PATH, body(capital));
  }

  /**
   * Submits so many as fast as they are accepted.
   *
   * @return accepted a second
   */
  double burst(long count, String what, Progress progress) {
    AtomicLong left = new AtomicLong(count);
    long begun = System.nanoTime();
    try (Flight flight = fly(() -> left.getAndDecrement() > 0, new AtomicBoolean())) {
      flight.join(() -> progress.bar(what, 1 - (double) Math.max(0, left.get()) / count));
    }
    return count / seconds(System.nanoTime() - begun);
  }

  /** Submits until it is closed, pausing while told to hold. */
  Flight sustain(AtomicBoolean hold) {
    return fly(() -> true, hold);
  }

  private interface More {
    boolean ask();
  }

  private Flight fly(More more, AtomicBoolean hold) {
    Flight flight = new Flight();
    for (int i = 0; i < CONNECTIONS; i++) {
      flight.threads.execute(() -> post(flight, more, hold));
    }
    flight.threads.shutdown();
    return flight;
  }

  private void post(Flight flight, More more, AtomicBoolean hold) {
    try (HttpConnection connection = new HttpConnection(port)) {
      byte[] request = request(connection, 100_000);
      while (!flight.stopped && more.ask()) {
        while (hold.get() && !flight.stopped) {
          LockSupport.parkNanos(HOLD_STEP.toNanos());
        }
        HttpConnection.Answer answer = connection.send(request);
        while (answer.status() == 503) {
          refused.incrementAndGet();
          LockSupport.parkNanos(RETRY_WAIT.toNanos());
          answer = connection.send(request);
        }
        if (answer.status() != 202) {
          throw new IllegalStateException(
              "submit answered %d: %s".formatted(answer.status(), answer.body()));
        }
        flight.accepted.incrementAndGet();
      }
    } catch (IOException e) {
      flight.failures.add(new UncheckedIOException(e));
    } catch (RuntimeException e) {
      flight.failures.add(e);
    }
  }

  static double seconds(long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** Requests under way. */
  static final class Flight implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(100);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong accepted = new AtomicLong();
    private volatile boolean stopped;

    /** Accepted so far. */
    long accepted() {
      return accepted.get();
    }

    void join(Runnable tick) {
      try {
        while (!threads.awaitTermination(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
          tick.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    /** Ends it; throws what went wrong on the way. */
    @Override
    public void close() {
      stopped = true;
      join(() -> {});
      @Nullable RuntimeException failure = failures.poll();
      if (failure != null) {
        throw failure;
      }
    }
  }
}
