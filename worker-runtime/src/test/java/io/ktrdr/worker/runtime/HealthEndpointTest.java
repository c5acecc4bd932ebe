package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a worker answers before it runs anything, and on which port. */
final class HealthEndpointTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final UUID INSTANCE = UUID.randomUUID();
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2025-11-10T10:30:00.123Z"));

  @Test
  void healthIsWhatTheGuideShowsAndMore() throws Exception {
    try (WorkerMetrics metrics = new WorkerMetrics();
        HealthEndpoint endpoint = endpoint(config(Map.of()), metrics)) {
      endpoint.start();
      HttpResponse<String> answer = send(endpoint, "GET", "/health");
      assertThat(answer.body())
          .startsWith(
              "{\"healthy\":true,\"service\":\"backtest-worker\","
                  + "\"timestamp\":\"2025-11-10T10:30:00Z\",\"status\":\"operational\","
                  + "\"worker_status\":\"idle\",\"current_operation\":null,");
      JsonNode health = Json.mapper().readTree(answer.body());
      assertThat(health.path("instance_id").asText()).isEqualTo(INSTANCE.toString());
      assertThat(health.path("subscribed").asBoolean(true)).isFalse();
      assertThat(send(endpoint, "HEAD", "/health").statusCode()).isEqualTo(200);
      assertThat(send(endpoint, "POST", "/health").statusCode()).isEqualTo(405);
      assertThat(send(endpoint, "GET", "/healthy").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void metricsArePrometheusText() throws Exception {
    try (WorkerMetrics metrics = new WorkerMetrics();
        HealthEndpoint endpoint = endpoint(config(Map.of()), metrics)) {
      endpoint.start();
      metrics.runEnded("completed", Duration.ofSeconds(2));
      metrics.heartbeatWritten();
      metrics.heartbeatWritten();
      HttpResponse<String> answer = send(endpoint, "GET", "/metrics");
      assertThat(answer.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
      assertThat(answer.body().lines())
          .contains(
              "ktrdr_worker_busy 0.0",
              "ktrdr_worker_subscribed 0.0",
              "ktrdr_worker_runs_total{outcome=\"completed\"} 1.0",
              "ktrdr_worker_runs_total{outcome=\"failed\"} 0.0",
              "ktrdr_worker_run_seconds_sum{outcome=\"completed\"} 2.0",
              "ktrdr_worker_heartbeats_total 2.0",
              "ktrdr_worker_heartbeat_failures_total 0.0",
              "ktrdr_worker_progress_age_seconds 0.0")
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
          .anyMatch(line -> line.startsWith("process_uptime_seconds"));
    }
  }

  @Test
  void portNobodyChoseGivesWayToTheNext() throws Exception {
    try (WorkerMetrics metrics = new WorkerMetrics();
        ServerSocket taken = new ServerSocket(0, 1, LOOPBACK);
        HealthEndpoint endpoint =
            endpoint(onPort(config(Map.of()), taken.getLocalPort()), metrics)) {
      assertThat(endpoint.port())
          .isBetween(taken.getLocalPort() + 1, taken.getLocalPort() + HealthEndpoint.MORE_PORTS);
      assertThat(new Endpoint(config(Map.of())).url(endpoint.port()))
          .isEqualTo("http://127.0.0.1:" + endpoint.port());
    }
  }

  @Test
  void portSomebodyChoseIsThatPortOrNone() throws Exception {
    try (WorkerMetrics metrics = new WorkerMetrics();
        ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      String port = Integer.toString(taken.getLocalPort());
      assertThatThrownBy(() -> endpoint(config(Map.of("WORKER_PORT", port)), metrics).close())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "WORKER_PORT is " + port + ", on which this worker cannot listen");
    }
  }

  @Test
  void endpointIsTheConfiguredUrlElseTheAddressTowardsTheApiElseTheHostsName() throws Exception {
    WorkerConfig chosen = config(Map.of("WORKER_ENDPOINT_URL", "http://10.0.0.7:6000/"));
    assertThat(new Endpoint(chosen).url(5003)).isEqualTo("http://10.0.0.7:6000");
    assertThat(new Endpoint(config(Map.of())).bindAddress().isLoopbackAddress()).isTrue();

    WorkerConfig nowhere = config(Map.of("KTRDR_API_URL", "http://no-such-host.invalid:8000"));
    assertThat(new Endpoint(nowhere).url(5003))
        .isEqualTo("http://%s:5003".formatted(InetAddress.getLocalHost().getHostName()));
    assertThat(new Endpoint(nowhere).bindAddress().isAnyLocalAddress()).isTrue();
  }

  private static HealthEndpoint endpoint(WorkerConfig config, WorkerMetrics metrics)
      throws IOException {
    return new HealthEndpoint(LOOPBACK, config, INSTANCE, metrics, CLOCK);
  }

  private static WorkerConfig config(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    all.put("KTRDR_API_URL", "http://127.0.0.1:8000");
    all.put("WORKER_ID", "w1");
    all.putAll(settings);
    return WorkerConfig.fromEnvironment(OperationType.BACKTESTING, all);
  }

  /** As if that were the default one. */
  private static WorkerConfig onPort(WorkerConfig config, int port) {
    return new WorkerConfig(
        config.type(),
        config.apiUrl(),
        config.apiToken(),
        config.workerId(),
        port,
        false,
        config.endpointUrl(),
        config.rabbitmqUrl(),
        config.databaseUrl(),
        config.trust(),
        config.cacheDirectory(),
        config.cacheBytesMax(),
        config.stopGrace(),
        config.checkpointInterval(),
        config.clockOffset(),
        config.capabilities());
  }

  private static HttpResponse<String> send(HealthEndpoint endpoint, String method, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:%d%s".formatted(endpoint.port(), path)))
              .method(method, BodyPublishers.noBody())
              .build(),
          BodyHandlers.ofString());
    }
  }
}
