package io.ktrdr.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A collector of OpenTelemetry traces: OTLP over HTTP, of which it reads the spans. Knows just
 * enough of protobuf's wire format for that.
 */
final class OtlpReceiver implements AutoCloseable {

  private static final HexFormat HEX = HexFormat.of();

  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  /** Kinds, as OTLP numbers them. */
  enum Kind {
    UNSPECIFIED,
    INTERNAL,
    SERVER,
    CLIENT,
    PRODUCER,
    CONSUMER
  }

  /**
   * A span.
   *
   * @param parent id of it; empty for a root
   * @param links span ids behind trace ids, {@code trace/span}
   */
  record Span(
      String service,
      String trace,
      String id,
      String parent,
      String name,
      Kind kind,
      long startNanos,
      long endNanos,
      Map<String, String> attributes,
      List<String> links) {}

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/v1/traces", this::receive);
    server.start();
  }

  /** For {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Everything that came so far. */
  List<Span> spans() {
    return List.copyOf(spans);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      request(exchange.getRequestBody().readAllBytes());
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      // The server ends what was idle for half a minute, which the next export would stumble over.
      exchange.getResponseHeaders().set("Connection", "close");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void request(byte[] request) {
    each(
        request,
        (field, resourceSpans) -> {
          List<byte[]> scopes = new ArrayList<>();
          Map<String, String> resource = new TreeMap<>();
          each(
              bytes(resourceSpans),
              (part, value) -> {
                if (part == 1) {
                  each(
                      bytes(value),
                      (of, attribute) -> {
                        if (of == 1) {
                          keyValue(bytes(attribute), resource);
                        }
                      });
                } else if (part == 2) {
                  scopes.add(bytes(value));
                }
              });
          for (byte[] scope : scopes) {
            each(
                scope,
                (part, value) -> {
                  if (part == 2) {
                    spans.add(span(resource.getOrDefault("service.name", ""), bytes(value)));
                  }
                });
          }
        });
  }

  private static Span span(String service, byte[] message) {
    Map<Integer, Object> fields = new TreeMap<>();
    Map<String, String> attributes = new TreeMap<>();
    List<String> links = new ArrayList<>();
    each(
        message,
        (field, value) -> {
          switch (field) {
            case 9 -> keyValue(bytes(value), attributes);
            case 13 -> {
              Map<Integer, Object> link = new TreeMap<>();
              each(bytes(value), link::put);
              links.add(hex(link.get(1)) + "/" + hex(link.get(2)));
            }
            default -> fields.put(field, value);
          }
        });
    return new Span(
        service,
        hex(fields.get(1)),
        hex(fields.get(2)),
        hex(fields.get(4)),
        text(fields.get(5)),
        Kind.values()[((Long) fields.getOrDefault(6, 0L)).intValue()],
        (Long) fields.getOrDefault(7, 0L),
        (Long) fields.getOrDefault(8, 0L),
        attributes,
        links);
  }

  private static void keyValue(byte[] message, Map<String, String> target) {
    Map<Integer, Object> pair = new TreeMap<>();
    each(message, pair::put);
    each(
        bytes(pair.getOrDefault(2, new byte[0])),
        (kind, value) ->
            target.put(text(pair.get(1)), kind == 1 ? text(value) : String.valueOf(value)));
  }

  private static String hex(@Nullable Object value) {
    return value instanceof byte[] bytes ? HEX.formatHex(bytes) : "";
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "";
  }

  private static byte[] bytes(Object value) {
    return (byte[]) value;
  }

  /** Every field of a message with its number; a value is a {@code Long} or a {@code byte[]}. */
  private static void each(byte[] message, BiConsumer<Integer, Object> fields) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      Object value =
          switch (tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> (long) in.getInt();
            default -> throw new IllegalStateException("wire type of tag " + tag);
          };
      fields.accept(tag >>> 3, value);
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }
}
