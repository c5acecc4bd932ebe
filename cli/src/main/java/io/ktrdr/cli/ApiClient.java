package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.tls.Trust;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Talks to the API. What it refuses becomes a {@link CommandFailedException}. */
final class ApiClient {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  /** Of a file, which the API reads whole before it answers. */
  private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(5);

  /** Its 503 is an answer, not a refusal. */
  static final String HEALTH = "/api/v1/health";

  private final URI base;
  private final Optional<ApiToken> token;
  private final HttpClient http;

  /**
   * @param url of the API, with or without {@code /api/v1}
   * @param token sent with every request
   * @param trust whose certificates are believed when the URL is https
   */
  ApiClient(String url, Optional<ApiToken> token, Trust trust) {
    this.token = token;
    base = URI.create(url.replaceFirst("/(api/v1/?)?$", ""));
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .sslContext(trust.sslContext())
            .build();
  }

  JsonNode fetch(String path) {
    return send(request(path).GET().build());
  }

  /** What is no JSON, as it is. */
  byte[] download(String path) {
    HttpResponse<byte[]> response = exchange(request(path).GET().build());
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), json(response.body()));
    }
    return response.body();
  }

  JsonNode delete(String path) {
    return send(request(path).DELETE().build());
  }

  JsonNode post(String path, JsonNode body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()))
            .build());
  }

  /**
   * @param idempotencyKey null for none
   */
  JsonNode submit(String path, JsonNode body, @Nullable String idempotencyKey) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    if (idempotencyKey != null) {
      request.header("Idempotency-Key", idempotencyKey);
    }
    return send(request.build());
  }

  /**
   * Posts a file as it is, or what comes through a pipe.
   *
   * @throws IOException when it cannot be read
   */
  JsonNode upload(String path, String contentType, Path file) throws IOException {
    HttpRequest.Builder request =
        request(path).header("Content-Type", contentType).timeout(UPLOAD_TIMEOUT);
    if (Files.isRegularFile(file)) {
      return send(request.POST(BodyPublishers.ofFile(file)).build());
    }
    // ofFile goes by the size, and that of a pipe is 0.
    try (InputStream pipe = new FileInputStream(file.toFile())) {
      return send(request.POST(BodyPublishers.ofInputStream(() -> pipe)).build());
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Accept", "application/json")
            .timeout(REQUEST_TIMEOUT);
    token.ifPresent(known -> request.header(ApiToken.HEADER, known.header()));
    return request;
  }

  private JsonNode send(HttpRequest request) {
    HttpResponse<byte[]> response = exchange(request);
    JsonNode body = json(response.body());
    if (response.statusCode() / 100 != 2 && !request.uri().getPath().equals(HEALTH)) {
      throw refused(response.statusCode(), body);
    }
    return body;
  }

  private JsonNode json(byte[] body) {
    try {
      return Json.mapper().readTree(body);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private HttpResponse<byte[]> exchange(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException(ExitCode.FAILED, "INTERRUPTED", "interrupted");
    }
  }

  private CommandFailedException unreachable(IOException e) {
    return new CommandFailedException(
        ExitCode.UNREACHABLE,
        "API_UNREACHABLE",
        Trust.complaint(e)
            .map(complaint -> "No safe connection to the API at %s: %s".formatted(base, complaint))
            .orElseGet(this::away));
  }

  private String away() {
    return ("The API does not answer at %s. Start it with ./ktrdr up, or name it with --url or"
            + " KTRDR_API_URL.")
        .formatted(base);
  }

  private static CommandFailedException refused(int status, JsonNode problem) {
    String details =
        StreamSupport.stream(problem.path("errors").spliterator(), false)
            .map(e ->
                "\n  %s: %s"
                    .formatted(e.path("pointer").asText().substring(1), e.path("detail").asText()))
            .collect(Collectors.joining());
    String detail = problem.path("detail").asText("HTTP " + status);
    return new CommandFailedException(
        ExitCode.FAILED,
        problem.path("code").asText("HTTP_" + status),
        problem.path("errors").size() > 1 ? "the request is not valid:" + details : detail);
  }
}
