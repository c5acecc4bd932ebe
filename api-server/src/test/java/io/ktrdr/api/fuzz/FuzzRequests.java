package io.ktrdr.api.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Requests for the operations of a document, about half of them broken somewhere. */
public final class FuzzRequests {

  private static final List<String> NASTY_SEGMENTS =
      List.of(
          "..",
          ".",
          "..%2f..%2f..%2ftmp%2fx",
          "%2e%2e",
          "%2e%2e%5c",
          "%00",
          "a%00b",
          "%ff%fe",
          "%",
          "%zz",
          "%c0%ae",
          "x;y=z",
          ";",
          "%3b",
          "%23",
          "%3f",
          "%0d%0aX-Evil:1",
          "%20",
          "'%20or%201=1--",
          "{id}",
          "*",
          "%F0%9F%92%A5",
          "op_backtest_99999999_999999_abcdef",
          "x".repeat(300),
          "x".repeat(3_000),
          "x".repeat(20_000));
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW", "get");
  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/json; charset=utf-16",
          "text/plain",
          "application/xml",
          "multipart/form-data; boundary=x",
          "application/x-www-form-urlencoded",
          "application/octet-stream",
          ";;;",
          "");

  private final Random random;
  private final JsonNode document;
  private final JsonTexts texts;

  /**
   * @param known values that exist, by name of field or parameter
   */
  public FuzzRequests(Random random, JsonNode document, Map<String, List<String>> known) {
    this.random = random;
    this.document = document;
    this.texts = new JsonTexts(random, document, known);
  }

  /**
   * One request.
   *
   * @param target path and query as sent
   */
  public record Request(
      String method, String target, @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {

    /** The path that a server sees. */
    public String path() {
      return target.split("\\?", 2)[0];
    }

    @Override
    public String toString() {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      return text.length() > 1_500 ? text.substring(0, 1_500) + "… " + text.length() : text;
    }
  }

  /** For an operation, with a method that is now and then another one. */
  public Request of(String method, String path, JsonNode operation) {
    String verb = chance(20) ? METHODS.get(random.nextInt(METHODS.size())) : method;
    String target = path(path) + query(operation);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    line(out, "%s %s %s".formatted(verb, target, chance(100) ? "HTTP/9.9" : "HTTP/1.1"));
    if (!chance(200)) {
      line(out, "Host: 127.0.0.1");
    }
    line(out, "Connection: close");
    for (JsonNode parameter : operation.path("parameters")) {
      JsonNode known = texts.resolved(parameter);
      if (known.path("in").asText().equals("header") && random.nextBoolean()) {
        line(out, known.path("name").asText() + ": " + headerValue(known));
      }
    }
    if (chance(4)) {
      line(out, "Accept: " + (random.nextBoolean() ? "application/json" : "text/event-stream"));
    }
    oddHeaders(out);
    writeBody(out, operation);
    return new Request(verb, target, out.toByteArray());
  }

  private String path(String path) {
    String filled = path;
    while (filled.contains("{")) {
      int from = filled.indexOf('{');
      int to = filled.indexOf('}');
      String name = filled.substring(from + 1, to);
      String key = path.contains("/workers/") && name.equals("id") ? "worker_id" : name;
      String value =
          chance(3)
              ? NASTY_SEGMENTS
                  .get(random.nextInt(NASTY_SEGMENTS.size()))
                  .replace("{id}", "%7Bid%7D")
              : encoded(texts.text(key));
      filled = filled.substring(0, from) + value + filled.substring(to + 1);
    }
    return chance(100) ? filled + "/" : chance(100) ? "/" + filled : filled;
  }

  private String query(JsonNode operation) {
    List<String> parts = new ArrayList<>();
    for (JsonNode parameter : operation.path("parameters")) {
      JsonNode known = texts.resolved(parameter);
      if (known.path("in").asText().equals("query") && random.nextInt(3) > 0) {
        parts.add(known.path("name").asText() + "=" + queryValue(known));
      }
    }
    if (chance(15)) {
      parts.add("surprise=1");
    }
    if (chance(40)) {
      parts.add(List.of("%zz=%", "=", "&&", "a[]=1", "%00=1", "%ff=%ff").get(random.nextInt(6)));
    }
    return parts.isEmpty() ? "" : "?" + String.join("&", parts);
  }

  private String queryValue(JsonNode parameter) {
    JsonNode schema = texts.resolved(parameter.path("schema"));
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 ->
          List.of("-1", "0", "999999999999999999999", "1e9", "NaN", "%00").get(random.nextInt(6));
      case 2 -> encoded(texts.nastyText()).replace("+", "%20");
      case 3 -> List.of("%ff", "%zz", "%", "%0d%0aX-Evil:1").get(random.nextInt(4));
      default ->
          switch (schema.path("type").asText()) {
            case "integer" -> Integer.toString(random.nextInt(20));
            case "boolean" -> Boolean.toString(random.nextBoolean());
            default ->
                schema.path("enum").isArray()
                    ? schema.path("enum").path(random.nextInt(schema.path("enum").size())).asText()
                    : encoded(texts.text(parameter.path("name").asText()));
          };
    };
  }

  private String headerValue(JsonNode parameter) {
    boolean number =
        texts.resolved(parameter.path("schema")).path("type").asText().equals("integer");
    return switch (random.nextInt(7)) {
      case 0 -> "";
      case 1 -> "-1";
      case 2 -> "9".repeat(30);
      case 3 -> "k".repeat(300);
      case 4 -> "\u00e9\u00ff\u0080";
      case 5 -> "two words \"in quotes\"";
      default -> number ? Integer.toString(random.nextInt(3)) : "key-" + random.nextInt(30);
    };
  }

  private void oddHeaders(ByteArrayOutputStream out) {
    if (!chance(25)) {
      return;
    }
    switch (random.nextInt(7)) {
      case 0 -> line(out, "X-Long: " + "x".repeat(20_000));
      case 1 -> line(out, "no colon");
      case 2 -> line(out, "X-Nul: a\u0000b");
      case 3 -> line(out, "X-Bare: a\rX-Evil: 1");
      case 4 -> line(out, ": no name");
      case 5 -> line(out, "Cookie: " + "a=b; ".repeat(200));
      default -> line(out, "Accept-Encoding: gzip;q=x, br, *");
    }
  }

  private void writeBody(ByteArrayOutputStream out, JsonNode operation) {
    JsonNode content = operation.path("requestBody").path("content");
    boolean json = content.has("application/json");
    if ((content.isMissingNode() && !chance(6)) || (!json && chance(3))) {
      line(out, "");
      return;
    }
    byte[] body =
        json
            ? texts
                .body(content.path("application/json").path("schema"))
                .getBytes(StandardCharsets.UTF_8)
            : bytes();
    if (chance(25)) {
      body = spoilt(body);
    }
    line(
        out,
        "Content-Type: "
            + (chance(6) ? TYPES.get(random.nextInt(TYPES.size())) : "application/json"));
    if (chance(8)) {
      line(out, "Transfer-Encoding: chunked");
      line(out, "");
      chunked(out, body);
    } else {
      int length = chance(40) ? body.length + random.nextInt(-3, 50) : body.length;
      line(out, "Content-Length: " + (chance(100) ? "-1" : Integer.toString(Math.max(0, length))));
      line(out, "");
      out.writeBytes(body);
    }
  }

  /** A byte of UTF-8 is replaced. */
  private byte[] spoilt(byte[] body) {
    byte[] spoilt = body.clone();
    if (spoilt.length > 0) {
      spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
    }
    return spoilt;
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(2_000)];
    random.nextBytes(bytes);
    return bytes;
  }

  private void chunked(ByteArrayOutputStream out, byte[] body) {
    int half = body.length / 2;
    for (int[] part : new int[][] {{0, half}, {half, body.length}}) {
      if (part[1] > part[0]) {
        line(out, chance(10) ? "zz" : Integer.toHexString(part[1] - part[0]));
        out.write(body, part[0], part[1] - part[0]);
        line(out, "");
      }
    }
    if (!chance(10)) {
      line(out, "0");
      line(out, "");
    }
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Of the document, as {@link #of} wants it: parameters of the path included. */
  public JsonNode whole(String path, String method) {
    JsonNode item = document.path("paths").path(path);
    com.fasterxml.jackson.databind.node.ObjectNode operation =
        item.path(method.toLowerCase(java.util.Locale.ROOT)).deepCopy();
    item.path("parameters").forEach(operation.withArrayProperty("parameters")::add);
    return operation;
  }
}
