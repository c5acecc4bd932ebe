package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Progress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET} and {@code HEAD} of {@code /health} and {@code /metrics} of a worker, answered from a
 * thread of its own. Answers before the worker has registered, so that the API can tell it from the
 * process that had its id before.
 */
final class HealthEndpoint implements AutoCloseable {

  /** Ports tried after the default one. */
  static final int MORE_PORTS = 20;

  private static final int BACKLOG = 16;
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final Logger LOG = LoggerFactory.getLogger(HealthEndpoint.class);

  private final WorkerConfig config;
  private final UUID instanceId;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final HttpServer server;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("health").factory());
  private volatile @Nullable RunExecution execution;
  private volatile BooleanSupplier subscribed = () -> false;

  /**
   * Listens at once, and answers from {@link #start()} on.
   *
   * @throws IOException when the port is taken; the message names it
   */
  HealthEndpoint(
      InetAddress bindAddress,
      WorkerConfig config,
      UUID instanceId,
      WorkerMetrics metrics,
      InstantSource clock)
      throws IOException {
    this.config = config;
    this.instanceId = instanceId;
    this.metrics = metrics;
    this.clock = clock;
    server = listen(bindAddress, config.port(), config.portChosen());
    server.setExecutor(executor);
    server.createContext("/health", this::health);
    server.createContext("/metrics", this::metrics);
  }

  private static HttpServer listen(InetAddress address, int port, boolean chosen)
      throws IOException {
    if (chosen) {
      try {
        return HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
      } catch (IOException e) {
        throw new IOException(
            "WORKER_PORT is %d, on which this worker cannot listen: %s"
                .formatted(port, e.getMessage()),
            e);
      }
    }
    int last = Math.min(port + MORE_PORTS, 65_535);
    for (int candidate = port; candidate <= last; candidate++) {
      try {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, candidate), BACKLOG);
        if (candidate != port) {
          LOG.warn(
              "Port {} is in use; this worker listens on port {} instead (WORKER_PORT chooses one)",
              port,
              candidate);
        }
        return server;
      } catch (BindException e) {
        LOG.debug("Port {}: {}", candidate, e.getMessage());
      }
    }
    throw new IOException(
        "cannot listen on any port from %d to %d: set WORKER_PORT".formatted(port, last));
  }

  /** The port that was got. */
  int port() {
    return server.getAddress().getPort();
  }

  void start() {
    server.start();
  }

  /** Says whose state to show; before, the worker is idle and not subscribed. */
  void watch(RunExecution watched, BooleanSupplier whetherSubscribed) {
    execution = watched;
    subscribed = whetherSubscribed;
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void health(HttpExchange exchange) throws IOException {
    answer(exchange, "/health", "application/json", Json.mapper().writeValueAsBytes(health()));
  }

  private void metrics(HttpExchange exchange) throws IOException {
    byte[] text = metrics.scrape().getBytes(StandardCharsets.UTF_8);
    answer(exchange, "/metrics", METRICS_TYPE, text);
  }

  private static void answer(HttpExchange exchange, String path, String type, byte[] body)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange.getResponseHeaders().add("Content-Type", type);
      switch (exchange.getRequestMethod()) {
        case "GET" -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
        }
        case "HEAD" -> exchange.sendResponseHeaders(200, -1);
        default -> exchange.sendResponseHeaders(405, -1);
      }
    }
  }

  private ObjectNode health() {
    RunExecution watched = execution;
    RunControl run = watched == null ? null : watched.current();
    Progress progress = watched == null ? null : watched.progress();
    ObjectNode health =
        Json.mapper()
            .createObjectNode()
            .put("healthy", true)
            .put("service", config.type().idPrefix() + "-worker")
            .put("timestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
            .put("status", "operational")
            .put("worker_status", run == null ? "idle" : "busy")
            .put("current_operation", run == null ? null : run.operationId().value());
    if (run != null && progress != null) {
      health.put("percentage", progress.percentage());
    }
    return health
        .put("worker_id", config.workerId().value())
        .put("instance_id", instanceId.toString())
        .put("subscribed", subscribed.getAsBoolean());
  }
}
