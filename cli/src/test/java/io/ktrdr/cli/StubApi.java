package io.ktrdr.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers what a test told it to, and remembers what it was asked. */
final class StubApi implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();

  private record Answer(int status, String body) {}

  StubApi() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next answer to such a request; the last one told stays. */
  StubApi on(String request, int status, String body) {
    answers.computeIfAbsent(request, _ -> new ArrayDeque<>()).add(new Answer(status, body));
    return this;
  }

  StubApi on(String request, String body) {
    return on(request, 200, body);
  }

  /** Requests that change something, with their bodies, in order. */
  List<String> changes() {
    return asked.stream().filter(request -> !request.startsWith("GET")).toList();
  }

  List<String> asked() {
    return asked;
  }

  /** What came as that header, in order; empty for requests without it. */
  List<String> authorizations() {
    return authorizations;
  }

  private void handle(HttpExchange exchange) throws IOException {
    authorizations.add(
        String.join("", exchange.getRequestHeaders().getOrDefault("Authorization", List.of())));
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add((request + " " + body).trim());
    Deque<Answer> told = answers.getOrDefault(request, new ArrayDeque<>());
    Answer answer = told.size() > 1 ? told.pollFirst() : told.peekFirst();
    if (answer == null) {
      answer =
          new Answer(
              404, "{\"code\": \"STUB\", \"detail\": \"no answer to %s\"}".formatted(request));
    }
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
