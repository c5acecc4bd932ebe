package io.ktrdr.system.fault;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Requests to an API that may be slow, broken or gone. Thread-safe. */
final class Http {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final String base;

  Http(String base) {
    this.base = base;
  }

  /** An answer and how long it took. */
  record Answer(int status, HttpHeaders headers, JsonNode body, Duration took) {}

  Answer get(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
  }

  Answer delete(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(base + path)).DELETE());
  }

  /**
   * @param headers name, value, name, value, …
   */
  Answer post(String path, String body, String... headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  private Answer send(HttpRequest.Builder request) throws IOException {
    long begun = System.nanoTime();
    try {
      HttpResponse<byte[]> answer =
          client.send(request.timeout(LIMIT).build(), BodyHandlers.ofByteArray());
      return new Answer(
          answer.statusCode(),
          answer.headers(),
          Json.mapper().readTree(answer.body()),
          Duration.ofNanos(System.nanoTime() - begun));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
