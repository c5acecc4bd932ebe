package io.ktrdr.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Waiting until a started process of KTRDR does its work. Every wait has a limit. */
public final class Readiness {

  /** How long the API may take: its first start migrates the database. */
  public static final Duration API_LIMIT = Duration.ofSeconds(60);

  /** How long a worker may take: its first start unpacks native libraries. */
  public static final Duration WORKER_LIMIT = Duration.ofSeconds(90);

  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int LOG_LINES = 20;
  private static final int HTTP_OK = 200;
  private static final int HTTP_UNAUTHORIZED = 401;

  private Readiness() {}

  /**
   * Returns when the API on {@code apiUrl} answers its health check with 200.
   *
   * @throws StandaloneException {@code PROCESS_DIED} or {@code PROCESS_NOT_READY} with the end of
   *     its log
   */
  public static void awaitApi(OwnedProcess api, String apiUrl) {
    await(api, API_LIMIT, () -> get(apiUrl + "/health").isPresent());
  }

  /**
   * Returns when the worker answers its own health check and the API lists it.
   *
   * @throws StandaloneException as {@link #awaitApi}
   */
  public static void awaitWorker(OwnedProcess worker, int workerPort, String apiUrl) {
    awaitWorker(worker, worker.name(), workerPort, apiUrl);
  }

  /** The same for a worker whose id is not its process's name. */
  public static void awaitWorker(
      OwnedProcess process, String workerId, int workerPort, String apiUrl) {
    String health = "http://127.0.0.1:" + workerPort + "/health";
    await(
        process,
        WORKER_LIMIT,
        () -> get(health).map(own -> isKnown(workerId, own, apiUrl)).orElse(false));
  }

  private static void await(
      OwnedProcess process, Duration limit, java.util.function.BooleanSupplier ready) {
    boolean done = Await.until(limit, POLL, () -> !process.isAlive() || ready.getAsBoolean());
    if (!process.isAlive()) {
      throw new StandaloneException(
          "PROCESS_DIED",
          "%s ended while starting (exit %s). End of %s:%n%s"
              .formatted(
                  process.name(),
                  process.exitCode().orElse(-1),
                  process.log(),
                  process.logTail(LOG_LINES)));
    }
    if (!done) {
      throw new StandaloneException(
          "PROCESS_NOT_READY",
          "%s was not ready within %d s. End of %s:%n%s"
              .formatted(
                  process.name(), limit.toSeconds(), process.log(), process.logTail(LOG_LINES)));
    }
  }

  /** What the API says of it, or, where the API wants a token first, the worker's own word. */
  private static boolean isKnown(String workerId, String ownHealth, String apiUrl) {
    return answer(apiUrl + "/api/v1/workers")
        .map(answer ->
            answer.statusCode() == HTTP_UNAUTHORIZED
                ? isSubscribed(ownHealth)
                : answer.statusCode() == HTTP_OK && mentions(answer.body(), workerId))
        .orElse(false);
  }

  /** It is, only after it has registered. */
  private static boolean isSubscribed(String health) {
    try {
      return Json.mapper().readTree(health).path("subscribed").asBoolean();
    } catch (IOException notJson) {
      return false;
    }
  }

  /** Whether the worker list names that worker; the list's exact shape is the API's business. */
  static boolean mentions(String json, String workerId) {
    try {
      JsonNode tree = Json.mapper().readTree(json);
      return tree.findValuesAsText("worker_id").contains(workerId)
          || tree.findValuesAsText("id").contains(workerId);
    } catch (IOException notJson) {
      return false;
    }
  }

  /** HTTP/1.1: offered an upgrade, RabbitMQ's server drops request bodies. */
  static HttpClient newClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(REQUEST_LIMIT)
        .build();
  }

  /** The body of a 200 answer. */
  static Optional<String> get(String url) {
    return answer(url).filter(answer -> answer.statusCode() == HTTP_OK).map(HttpResponse::body);
  }

  private static Optional<HttpResponse<String>> answer(String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(REQUEST_LIMIT).build();
    try (HttpClient client = newClient()) {
      return Optional.of(client.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException notYet) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
