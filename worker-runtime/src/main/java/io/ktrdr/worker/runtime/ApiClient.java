package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.tls.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a worker asks of the API over HTTP. Thread-safe. */
final class ApiClient {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REGISTER_TIMEOUT = Duration.ofSeconds(10);

  /** The API itself asks the process, and gives it two seconds. */
  private static final Duration INSTANCE_TIMEOUT = Duration.ofSeconds(4);

  /** For one artifact, up or down. */
  static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(60);

  private final URI apiUrl;
  private final Optional<ApiToken> token;
  private final HttpClient http;

  /** As the other, with the JVM's trust. */
  ApiClient(URI apiUrl, Optional<ApiToken> token) {
    this(apiUrl, token, Trust.ofJvm());
  }

  /**
   * @param token sent with every request
   * @param trust whose certificates are believed when the URL is https
   */
  ApiClient(URI apiUrl, Optional<ApiToken> token, Trust trust) {
    this.apiUrl = apiUrl;
    this.token = token;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .sslContext(trust.sslContext())
            .build();
  }

  /** Where the API says broker and registry database are. */
  record Registration(String rabbitmqUrl, String databaseUrl) {}

  /** The API answered, with something other than success. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** A token that is not known, or not yet; too much at once. */
    private static final Set<Integer> FOR_NOW = Set.of(401, 403, 429);

    private final int status;
    private final String code;
    private final @Nullable Duration retryAfter;

    RefusedException(int status, String code, @Nullable Duration retryAfter, String message) {
      super(message);
      this.status = status;
      this.code = code;
      this.retryAfter = retryAfter;
    }

    int status() {
      return status;
    }

    /** Whether the same request will be refused again, whatever operators do meanwhile. */
    boolean isFinal() {
      return status / 100 == 4 && !FOR_NOW.contains(status);
    }

    /** Of the problem; empty when the answer has none. */
    String code() {
      return code;
    }

    /** When to come again, if the API said so. */
    @Nullable Duration retryAfter() {
      return retryAfter;
    }
  }

  Registration register(ObjectNode worker) throws IOException, InterruptedException {
    HttpRequest request =
        request("/api/v1/workers/register")
            .timeout(REGISTER_TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(worker)))
            .build();
    byte[] answer = send(request);
    return Json.mapper().readValue(answer, Registration.class);
  }

  /** {@code alive}, {@code dead} or {@code unknown}. */
  String instanceState(String workerId, String instanceId)
      throws IOException, InterruptedException {
    HttpRequest request =
        request("/api/v1/workers/%s/instances/%s".formatted(workerId, instanceId))
            .timeout(INSTANCE_TIMEOUT)
            .GET()
            .build();
    return Json.mapper().readTree(send(request)).path("state").asText();
  }

  byte[] download(Sha256 sha256) throws IOException, InterruptedException {
    HttpRequest request = request(artifactPath(sha256)).timeout(TRANSFER_TIMEOUT).GET().build();
    return send(request);
  }

  void upload(Sha256 sha256, byte[] bytes) throws IOException, InterruptedException {
    upload(artifactPath(sha256), bytes, TRANSFER_TIMEOUT);
  }

  /** An API that knows no such difference keeps it for good. */
  void uploadCheckpoint(Sha256 sha256, byte[] bytes, Duration timeout)
      throws IOException, InterruptedException {
    upload(artifactPath(sha256) + "?checkpoint=true", bytes, timeout);
  }

  private void upload(String path, byte[] bytes, Duration timeout)
      throws IOException, InterruptedException {
    if (bytes.length > ArtifactRef.BYTES_MAX) {
      throw new RefusedException(413, "", null, "artifact of %d bytes".formatted(bytes.length));
    }
    HttpRequest request =
        request(path)
            .timeout(timeout)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build();
    send(request);
  }

  private static String artifactPath(Sha256 sha256) {
    return "/api/v1/artifacts/" + sha256.hex();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(apiUrl.resolve(path));
    token.ifPresent(known -> request.header(ApiToken.HEADER, known.header()));
    return request;
  }

  private byte[] send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw refusal(response);
    }
    return response.body();
  }

  private static RefusedException refusal(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    Duration retryAfter =
        response
            .headers()
            .firstValue("Retry-After")
            .filter(seconds -> seconds.matches("\\d{1,6}"))
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
            .orElse(null);
    try {
      JsonNode problem = Json.mapper().readTree(response.body());
      return new RefusedException(
          status,
          problem.path("code").asText(""),
          retryAfter,
          "HTTP %d: %s".formatted(status, problem.path("detail").asText("no detail")));
    } catch (IOException e) {
      return new RefusedException(status, "", retryAfter, "HTTP %d".formatted(status));
    }
  }
}
