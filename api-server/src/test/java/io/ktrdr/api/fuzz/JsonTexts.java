package io.ktrdr.api.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * JSON as text, made from a schema: valid as far as the schema tells, or broken on purpose. Text,
 * because much of what is broken cannot be said with JSON nodes.
 */
final class JsonTexts {

  private static final int DEEP = 10_000;
  private static final int LONG = 100_000;
  private static final int DEPTH_MAX = 6;

  private final Random random;
  private final JsonNode document;
  private final Map<String, List<String>> known;

  /**
   * @param known values that exist, by name of field or parameter
   */
  JsonTexts(Random random, JsonNode document, Map<String, List<String>> known) {
    this.random = random;
    this.document = document;
    this.known = known;
  }

  /** A body of the schema with up to three things wrong, none about every third time. */
  String body(JsonNode schema) {
    Map<String, String> fields = fields(schema, 0);
    int wrong = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(3);
    for (int i = 0; i < wrong; i++) {
      List<String> names = new ArrayList<>(fields.keySet());
      String name = names.isEmpty() ? "x" : names.get(random.nextInt(names.size()));
      switch (random.nextInt(6)) {
        case 0 -> fields.remove(name);
        case 1 -> fields.put(name, "null");
        case 2 -> fields.put(quote(nastyText()), nastyValue());
        default -> fields.put(name, nastyValue());
      }
    }
    String text = object(fields);
    return wrong > 0 && random.nextInt(6) == 0 ? brokenText(text, fields) : text;
  }

  /** Breaks the text itself. */
  private String brokenText(String text, Map<String, String> fields) {
    return switch (random.nextInt(10)) {
      case 0 -> text.substring(0, random.nextInt(text.length() + 1));
      case 1 -> "[" + text + "]";
      case 2 -> text + text;
      case 3 -> "";
      case 4 -> "{\"a\":".repeat(DEEP);
      case 5 -> "[".repeat(DEEP) + "]".repeat(DEEP);
      case 6 -> text.replace('"', '\'');
      case 7 -> "\ufeff" + text;
      case 8 -> "\"" + "x".repeat(LONG) + "\"";
      default -> {
        // The same key twice.
        String twice = object(fields);
        yield fields.isEmpty()
            ? "{\"a\":1,\"a\":2}"
            : twice.substring(0, twice.length() - 1) + "," + twice.substring(1);
      }
    };
  }

  private String object(Map<String, String> fields) {
    StringBuilder text = new StringBuilder("{");
    fields.forEach((name, value) -> {
      if (text.length() > 1) {
        text.append(',');
      }
      text.append(name).append(':').append(value);
    });
    return text.append('}').toString();
  }

  private Map<String, String> fields(JsonNode schema, int depth) {
    JsonNode known = resolved(schema);
    Map<String, String> fields = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    known.path("required").forEach(name -> required.add(name.textValue()));
    for (Map.Entry<String, JsonNode> property : known.path("properties").properties()) {
      if (required.contains(property.getKey()) || random.nextInt(3) == 0) {
        fields.put(
            quote(property.getKey()), value(property.getKey(), property.getValue(), depth + 1));
      }
    }
    return fields;
  }

  private String value(String name, JsonNode schema, int depth) {
    JsonNode wanted = resolved(schema);
    if (depth > DEPTH_MAX) {
      return "null";
    }
    if (wanted.has("const")) {
      return wanted.path("const").toString();
    }
    if (wanted.path("enum").isArray()) {
      return wanted.path("enum").path(random.nextInt(wanted.path("enum").size())).toString();
    }
    JsonNode type = wanted.path("type");
    String word = type.isArray() ? type.path(0).asText() : type.asText();
    return switch (word) {
      case "object" -> object(fields(wanted, depth));
      case "array" -> "[" + value(name, wanted.path("items"), depth + 1) + "]";
      case "boolean" -> Boolean.toString(random.nextBoolean());
      case "integer" -> Long.toString(whole(wanted));
      case "number" -> Double.toString(whole(wanted) / 100.0 + 0.01);
      case "string" -> quote(text(name));
      default -> nastyValue();
    };
  }

  private long whole(JsonNode schema) {
    long min = schema.path("minimum").asLong(0);
    long max = Math.min(schema.path("maximum").asLong(100), min + 100);
    return min + random.nextLong(Math.max(1, max - min + 1));
  }

  /** A value of that name that exists; some word when none is known. */
  String text(String name) {
    List<String> values = known.getOrDefault(name, List.of("word"));
    return values.get(random.nextInt(values.size()));
  }

  String nastyValue() {
    return switch (random.nextInt(22)) {
      case 0 -> "1e400";
      case 1 -> "-1e400";
      case 2 -> "-0";
      case 3 -> "-0.0";
      case 4 -> "NaN";
      case 5 -> "Infinity";
      case 6 -> "99999999999999999999999999999999";
      case 7 -> "-9223372036854775809";
      case 8 -> "1." + "0".repeat(300) + "1";
      case 9 -> "9".repeat(2_000);
      case 10 -> "true";
      case 11 -> "[]";
      case 12 -> "{}";
      case 13 -> "[null, {}, [[]], \"x\"]";
      case 14 -> "[".repeat(DEEP) + "]".repeat(DEEP);
      case 15 -> "{\"a\":".repeat(900) + "1" + "}".repeat(900);
      case 16 -> "0";
      case 17 -> "\"\\u0000\"";
      case 18 -> "\"\\ud800 alone\"";
      case 19 -> "\"" + "y".repeat(LONG) + "\"";
      default -> quote(nastyText());
    };
  }

  String nastyText() {
    return NASTY.get(random.nextInt(NASTY.size()));
  }

  private static final List<String> NASTY =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "\ud800",
          "\udfff\ud800",
          "\u202e\u0007\u001b[31m",
          "\uD83D\uDCA5".repeat(50),
          "line\r\nX-Evil: 1",
          "../../../../tmp/x",
          "..\\..\\x",
          "%2e%2e%2f",
          "file:///tmp/x",
          "http://127.0.0.1:1/x#y;z?q",
          "'; drop table operations; --",
          "\" or \"\"=\"",
          "${jndi:ldap://127.0.0.1:1/x}",
          "{{7*7}}",
          "<script>alert(1)</script>",
          "%s%n%d",
          "null",
          "2024-02-30",
          "+999999999-12-31",
          "-999999999-01-01",
          "0000-00-00",
          "１２３",
          "İ",
          "1e9",
          "op_backtest_99999999_999999_abcdef",
          "x".repeat(9_000));

  /** With only what JSON demands escaped, so that odd characters arrive as they are. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  JsonNode resolved(@Nullable JsonNode schema) {
    JsonNode found = schema == null ? document.path("none") : schema;
    while (found.has("$ref")) {
      found = document.at(found.path("$ref").textValue().substring(1));
    }
    return found;
  }
}
