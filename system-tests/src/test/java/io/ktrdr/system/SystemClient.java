package io.ktrdr.system;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a user does with a running system: HTTP, and SQL over the history. */
final class SystemClient {

  private static final Duration POLL = Duration.ofMillis(200);

  private final HttpClient http = HttpClient.newHttpClient();
  private final TestSystem system;

  SystemClient(TestSystem system) {
    this.system = system;
  }

  JsonNode fetch(String path) {
    return send(HttpRequest.newBuilder(URI.create(system.apiUrl() + path)).build());
  }

  JsonNode post(String path, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(system.apiUrl() + path))
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  /** The id of the accepted operation. */
  String submit(String path, String body) {
    JsonNode answer = post(path, body);
    if (!answer.has("operation_id")) {
      throw new AssertionError("refused: " + answer);
    }
    return answer.path("operation_id").asText();
  }

  JsonNode operation(String id) {
    return fetch("/api/v1/operations/" + id);
  }

  String status(String id) {
    return operation(id).path("status").asText();
  }

  /** The operation once it has ended. */
  JsonNode ended(String id, Duration limit) {
    await("end of " + id)
        .atMost(limit)
        .pollInterval(POLL)
        .until(() -> List.of("completed", "failed", "cancelled").contains(status(id)));
    return operation(id);
  }

  byte[] artifact(String sha256) {
    return download("/api/v1/artifacts/" + sha256);
  }

  /** What is no JSON, as it is. */
  byte[] download(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(system.apiUrl() + path)).build(),
              BodyHandlers.ofByteArray())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Rows of a query, each as its columns' text joined by a bar. */
  List<String> rows(String sql) {
    DatabaseAccess database = system.database();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> columns = new ArrayList<>();
        for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
          columns.add(String.valueOf(result.getString(c)));
        }
        rows.add(String.join("|", columns));
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  private JsonNode send(HttpRequest request) {
    try {
      return Json.mapper().readTree(http.send(request, BodyHandlers.ofByteArray()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
