package io.ktrdr.worker.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The two things a worker asks of the API: where broker and database are, and artifacts. */
final class StubApi implements AutoCloseable {

  private final Operations operations;
  private final String rabbitmqUrl;
  private final HttpServer server;
  private final Queue<Refusal> refusals = new ConcurrentLinkedQueue<>();

  private record Refusal(int status, String code, String detail) {}

  StubApi(Operations operations, String rabbitmqUrl) {
    this.operations = operations;
    this.rabbitmqUrl = rabbitmqUrl;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/api/v1/workers/register", this::register);
    server.createContext("/api/v1/artifacts/", this::artifact);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Has the next registration that is not spoken for refused. */
  void refuseNext(int status, String code, String detail) {
    refusals.add(new Refusal(status, code, detail));
  }

  /** Whether everything that was to be refused has been. */
  boolean hasRefusedAll() {
    return refusals.isEmpty();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void register(HttpExchange exchange) throws IOException {
    Refusal refusal = refusals.poll();
    if (refusal != null) {
      exchange.getResponseHeaders().add("Retry-After", "0");
      answer(exchange, refusal.status(), Json.mapper().writeValueAsBytes(refusal));
      return;
    }
    answer(
        exchange,
        200,
        Json.mapper().writeValueAsBytes(new ApiClient.Registration(rabbitmqUrl, operations.url())));
  }

  private void artifact(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String sha256 = path.substring(path.lastIndexOf('/') + 1);
    if (exchange.getRequestMethod().equals("PUT")) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      operations.execute(
          "insert into artifacts (sha256, bytes, size) values (?, ?, ?) on conflict do nothing",
          Sha256.of(bytes).hex(),
          bytes,
          bytes.length);
      answer(exchange, 201, new byte[0]);
      return;
    }
    byte[] bytes =
        operations
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery("select bytes from artifacts where sha256 = :sha256")
                    .bind("sha256", sha256)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElse(new byte[0]));
    answer(exchange, bytes.length == 0 ? 404 : 200, bytes);
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
