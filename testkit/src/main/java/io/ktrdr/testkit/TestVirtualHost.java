package io.ktrdr.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.standalone.BrokerAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * One virtual host of the test broker and its management API. Thread-safe.
 *
 * @param access URLs and log-in
 */
public record TestVirtualHost(BrokerAccess access) implements AutoCloseable {

  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

  /** Makes the virtual host, with all permissions for its user. */
  public static TestVirtualHost create(BrokerAccess access) {
    TestVirtualHost host = new TestVirtualHost(access);
    String name = encode(access.virtualHost());
    host.request("PUT", "/api/vhosts/" + name, "{}");
    host.request(
        "PUT",
        "/api/permissions/" + name + "/" + encode(access.user()),
        "{\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}");
    return host;
  }

  /** {@code amqp://user:password@host:port/vhost}. */
  public String amqpUrl() {
    return access.amqpUrl();
  }

  /** Base URL of the management API, no trailing slash. */
  public String managementUrl() {
    return access.managementUrl();
  }

  /** What the management API says of a queue, such as {@code messages_unacknowledged}. */
  public JsonNode queue(String name) {
    return get("/api/queues/" + encode(access.virtualHost()) + "/" + encode(name));
  }

  /** All queues of this virtual host. */
  public JsonNode queues() {
    return get("/api/queues/" + encode(access.virtualHost()));
  }

  /** Deletes a queue with its messages, as an operator in the management UI can. */
  public void deleteQueue(String name) {
    request("DELETE", "/api/queues/" + encode(access.virtualHost()) + "/" + encode(name), "");
  }

  /** The newest messages of a queue, which keeps them: payload, properties, headers. */
  public JsonNode peek(String queue, int max) {
    String body =
        "{\"count\":%d,\"ackmode\":\"reject_requeue_true\",\"encoding\":\"auto\"}".formatted(max);
    String path = "/api/queues/" + encode(access.virtualHost()) + "/" + encode(queue) + "/get";
    try {
      return Json.mapper().readTree(request("POST", path, body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answer of a management path such as {@code /api/overview}. */
  public JsonNode get(String path) {
    try {
      return Json.mapper().readTree(request("GET", path, ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes, from the broker's side, every connection of this virtual host. */
  public void dropConnections() {
    for (JsonNode connection :
        get("/api/vhosts/" + encode(access.virtualHost()) + "/connections")) {
      request("DELETE", "/api/connections/" + encode(connection.path("name").asText()), "");
    }
  }

  /** Deletes it with its queues, closing every connection. */
  @Override
  public void close() {
    request("DELETE", "/api/vhosts/" + encode(access.virtualHost()), "");
  }

  /**
   * Sends something to the management API, as an administrator.
   *
   * @throws IllegalStateException when it is refused
   */
  public String request(String method, String path, String body) {
    String login = access.user() + ":" + access.password();
    String basic = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(access.managementUrl() + path))
            .timeout(REQUEST_LIMIT)
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    // Offered HTTP/2, the broker's server answers the upgrade and drops a body.
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      boolean gone = method.equals("DELETE") && answer.statusCode() == 404;
      if (answer.statusCode() >= 300 && !gone) {
        throw new IllegalStateException(
            method + " " + path + " answered " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
