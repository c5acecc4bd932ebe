package io.ktrdr.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.operation.RetryPolicies;
import io.ktrdr.api.operation.RetryPolicy;
import io.ktrdr.api.operation.TimeLimits;
import io.ktrdr.api.registry.HealthLimits;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.tls.Trust;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The real API in this JVM, on a fresh database, and a client for it. */
final class ApiFixture implements AutoCloseable {

  /** What the API said. */
  record Answer(int status, JsonNode body, HttpResponse<byte[]> response) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final Contract contract = new Contract();
  private final int port = TcpPorts.anyFree();
  private final ApiServer server;
  private final Jdbi jdbi;

  ApiFixture(String rabbitmqUrl, Path modelsDirectory) {
    this(TestPostgres.emptyDatabase(), rabbitmqUrl, modelsDirectory);
  }

  ApiFixture(DatabaseAccess database, String rabbitmqUrl, Path modelsDirectory) {
    this(database, rabbitmqUrl, modelsDirectory, WhenNoWorkers.QUEUE);
  }

  ApiFixture(
      DatabaseAccess database,
      String rabbitmqUrl,
      Path modelsDirectory,
      WhenNoWorkers whenNoWorkers) {
    this(database, rabbitmqUrl, modelsDirectory, whenNoWorkers, AccessSettings.off());
  }

  ApiFixture(
      DatabaseAccess database,
      String rabbitmqUrl,
      Path modelsDirectory,
      WhenNoWorkers whenNoWorkers,
      AccessSettings access) {
    this(
        database,
        rabbitmqUrl,
        new Folders(
            RepositoryRoot.find().resolve("data"),
            RepositoryRoot.find().resolve("strategies"),
            modelsDirectory),
        whenNoWorkers,
        access);
  }

  /** Where the API finds what it does not make. */
  record Folders(Path data, Path strategies, Path models) {}

  ApiFixture(
      DatabaseAccess database, String rabbitmqUrl, Folders folders, WhenNoWorkers whenNoWorkers) {
    this(database, rabbitmqUrl, folders, whenNoWorkers, AccessSettings.off());
  }

  ApiFixture(
      DatabaseAccess database,
      String rabbitmqUrl,
      Folders folders,
      WhenNoWorkers whenNoWorkers,
      AccessSettings access) {
    jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
    server =
        new ApiServer(
            new ApiConfig(
                "127.0.0.1",
                port,
                Optional.empty(),
                Trust.ofJvm(),
                DatabaseUrl.parse(database.url()),
                rabbitmqUrl,
                database.url(),
                rabbitmqUrl,
                folders.data(),
                folders.strategies(),
                folders.models(),
                OperationTypes.with("report"),
                RetryPolicies.all(new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofMinutes(1))),
                TimeLimits.standard(),
                HealthLimits.of(Duration.ofSeconds(10), Duration.ofMinutes(5)),
                whenNoWorkers,
                access),
            "test");
    server.start();
  }

  /** What every answer is held against. */
  Contract contract() {
    return contract;
  }

  Jdbi jdbi() {
    return jdbi;
  }

  /** Every route the API serves. */
  List<RouteTable.Route> routes() {
    return server.routes();
  }

  /** Any request, with headers: name, value, name, value… */
  Answer ask(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url(path)).method(method, BodyPublishers.ofString(body));
    return send((headers.length == 0 ? request : request.headers(headers)).build());
  }

  Answer fetch(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(url(path)).GET().build());
  }

  Answer post(String path, String body) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(url(path)).POST(BodyPublishers.ofString(body)).build());
  }

  Answer delete(String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(url(path)).method("DELETE", BodyPublishers.ofString(body)).build());
  }

  /** With headers: name, value, name, value… */
  Answer post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(url(path))
            .headers(headers)
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  Answer put(String path, byte[] body) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(url(path)).PUT(BodyPublishers.ofByteArray(body)).build());
  }

  Answer operation(String id) {
    try {
      return fetch("/api/v1/operations/" + id);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  URI url(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(port, path));
  }

  /** Sends it, and holds the answer against the API's document. */
  Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
    String type = response.headers().firstValue("content-type").orElse("");
    contract.check(
        request.method(), request.uri().getRawPath(), response.statusCode(), type, response.body());
    JsonNode body =
        type.contains("json") ? Json.mapper().readTree(response.body()) : Json.mapper().nullNode();
    return new Answer(response.statusCode(), body, response);
  }

  @Override
  public void close() {
    server.close();
    http.close();
  }
}
