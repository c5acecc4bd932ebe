package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.WorkerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** {@code GET} and {@code HEAD /health} of a worker, answered from a thread of its own. */
final class HealthEndpoint implements AutoCloseable {

  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("health").factory());
  private final OperationType type;
  private final WorkerId workerId;
  private final UUID instanceId;
  private final RunExecution execution;
  private final BooleanSupplier subscribed;
  private final InstantSource clock;

  /**
   * @throws IOException when the port is taken; the message names it
   */
  HealthEndpoint(
      InetAddress bindAddress,
      int port,
      OperationType type,
      WorkerId workerId,
      UUID instanceId,
      RunExecution execution,
      BooleanSupplier subscribed,
      InstantSource clock)
      throws IOException {
    this.type = type;
    this.workerId = workerId;
    this.instanceId = instanceId;
    this.execution = execution;
    this.subscribed = subscribed;
    this.clock = clock;
    try {
      server = HttpServer.create(new InetSocketAddress(bindAddress, port), BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on port %d (%s): set WORKER_PORT".formatted(port, e.getMessage()), e);
    }
    server.setExecutor(executor);
    server.createContext("/health", this::answer);
  }

  void start() {
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = Json.mapper().writeValueAsBytes(health());
      exchange.getResponseHeaders().add("Content-Type", "application/json");
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
    RunControl run = execution.current();
    Progress progress = execution.progress();
    ObjectNode health =
        Json.mapper()
            .createObjectNode()
            .put("healthy", true)
            .put("service", type.idPrefix() + "-worker")
            .put("timestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
            .put("status", "operational")
            .put("worker_status", run == null ? "idle" : "busy")
            .put("current_operation", run == null ? null : run.operationId().value());
    if (run != null && progress != null) {
      health.put("percentage", progress.percentage());
    }
    return health
        .put("worker_id", workerId.value())
        .put("instance_id", instanceId.toString())
        .put("subscribed", subscribed.getAsBoolean());
  }
}
