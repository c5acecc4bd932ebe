package io.ktrdr.api.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.ProblemException.FieldError;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A JSON request body being read field by field. Whatever is wrong is collected, and {@link
 * #throwIfInvalid()} reports all of it at once. Confined to the request's thread.
 */
public final class RequestBody {

  /** Largest body that is JSON. */
  public static final int JSON_BYTES_MAX = 1 << 20;

  /** Deeper is no request, and a message around it could not be read by a worker. */
  private static final int NESTING_MAX = 100;

  private static final int NUMBER_CHARACTERS_MAX = 100;
  private static final int NAME_CHARACTERS_MAX = 1_000;
  private static final int DATE_LENGTH = "YYYY-MM-DD".length();

  /** Reads what strangers wrote. */
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(NESTING_MAX)
                          .maxNumberLength(NUMBER_CHARACTERS_MAX)
                          .maxNameLength(NAME_CHARACTERS_MAX)
                          .maxStringLength(JSON_BYTES_MAX)
                          .build())
                  .build())
          .build()
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private final ObjectNode fields;
  private final String path;
  private final List<FieldError> errors;

  private RequestBody(ObjectNode fields, Set<String> known, String path, List<FieldError> errors) {
    this.fields = fields;
    this.path = path;
    this.errors = errors;
    fields
        .fieldNames()
        .forEachRemaining(name -> {
          if (!known.contains(name)) {
            error(
                name,
                "FIELD_UNKNOWN",
                "unknown field; known are " + String.join(", ", known.stream().sorted().toList()));
          }
        });
  }

  /**
   * @param known all field names this request may have; another one is an error, because a misspelt
   *     field would silently have no effect
   * @throws ProblemException 400 when the body is not a JSON object
   */
  public static RequestBody read(Context ctx, Set<String> known) {
    return of(json(ctx), known);
  }

  /** As {@link #read}, of a body that was parsed before. */
  public static RequestBody of(ObjectNode body, Set<String> known) {
    return new RequestBody(body, known, "/", new ArrayList<>());
  }

  /**
   * The body as it is.
   *
   * @throws ProblemException 400 when it is not a JSON object
   */
  public static ObjectNode json(Context ctx) {
    return parse(bytes(ctx, JSON_BYTES_MAX));
  }

  /** The same, where a body may be left out: that is an empty object. */
  public static ObjectNode jsonOrNothing(Context ctx) {
    byte[] bytes = bytes(ctx, JSON_BYTES_MAX);
    return bytes.length == 0 ? Json.mapper().createObjectNode() : parse(bytes);
  }

  /**
   * The body as bytes, which can be had once.
   *
   * @throws ProblemException 413 when there are more than {@code max}; no more than that are read
   */
  public static byte[] bytes(Context ctx, int max) {
    try {
      byte[] bytes =
          ctx.contentLength() > max ? new byte[0] : ctx.bodyInputStream().readNBytes(max + 1);
      if (bytes.length > max || ctx.contentLength() > max) {
        throw new ProblemException(
            413,
            "REQUEST_TOO_LARGE",
            "%s %s: the body is larger than %d bytes".formatted(ctx.method(), ctx.path(), max));
      }
      return bytes;
    } catch (IOException e) {
      throw new ProblemException(400, "REQUEST_INCOMPLETE", "The body did not arrive whole.");
    }
  }

  private static ObjectNode parse(byte[] bytes) {
    JsonNode node;
    try {
      node = READER.readTree(bytes);
    } catch (StreamConstraintsException e) {
      throw new ProblemException(
          400,
          "JSON_INVALID",
          ("The body is nested deeper than %d, or has a number longer than %d or a name longer than"
                  + " %d characters.")
              .formatted(NESTING_MAX, NUMBER_CHARACTERS_MAX, NAME_CHARACTERS_MAX));
    } catch (IOException e) {
      throw new ProblemException(400, "JSON_INVALID", notJson(e));
    }
    requireStorable(node, "");
    if (!(node instanceof ObjectNode object)) {
      throw new ProblemException(400, "JSON_INVALID", "The body is not a JSON object.");
    }
    return object;
  }

  /** With the place, and none of the parser's own words, which speak of its classes. */
  private static String notJson(IOException e) {
    String what = "The body is not JSON, is nested too deep, or says a field twice";
    return e instanceof JsonProcessingException json && json.getLocation() != null
        ? "%s: line %d, column %d."
            .formatted(what, json.getLocation().getLineNr(), json.getLocation().getColumnNr())
        : what + ".";
  }

  /** Refuses what neither the database nor another reader of JSON takes. */
  private static void requireStorable(JsonNode node, String pointer) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      throw new ProblemException(
          400, "JSON_INVALID", "%s is too large for a number.".formatted(pointer));
    }
    if (node.isTextual()) {
      requireText(node.textValue(), pointer);
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      requireText(field.getKey(), "A name in " + pointer);
      requireStorable(field.getValue(), pointer + "/" + field.getKey());
    }
    if (node.isArray()) {
      node.forEach(element -> requireStorable(element, pointer + "/-"));
    }
  }

  private static void requireText(String text, String where) {
    if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new ProblemException(
          400, "JSON_INVALID", "%s has U+0000 or half a character in it.".formatted(where));
    }
  }

  /** An object inside; what is wrong with it is noted here. Empty when it is absent. */
  public Optional<RequestBody> object(String field, Set<String> known) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!(value instanceof ObjectNode object)) {
      error(field, "FIELD_TYPE", "expected an object");
      return Optional.empty();
    }
    return Optional.of(new RequestBody(object, known, path + field + "/", errors));
  }

  public void error(String field, String code, String detail) {
    errors.add(new FieldError(path + field, code, detail));
  }

  /** True when something is wrong with this field. */
  public boolean hasError(String field) {
    return errors.stream().anyMatch(e -> e.pointer().equals(path + field));
  }

  /** The text of a field; empty when it is absent, null or blank. */
  public Optional<String> text(String field) {
    return textAsItIs(field).map(String::trim).filter(text -> !text.isEmpty());
  }

  /** The text of a field, with its blanks; empty when it is absent or null. */
  public Optional<String> textAsItIs(String field) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      error(field, "FIELD_TYPE", "expected text");
      return Optional.empty();
    }
    return Optional.of(value.asText());
  }

  /** The texts of a list field; empty when it is absent. */
  public List<String> texts(String field) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(item -> texts.add(item.asText()));
    } else {
      error(field, "FIELD_TYPE", "expected a list of texts");
    }
    return texts;
  }

  /** True or false; false when it is absent. */
  public boolean flag(String field) {
    return choice(field).orElse(false);
  }

  /** True or false; empty when it is absent. */
  public Optional<Boolean> choice(String field) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      error(field, "FIELD_TYPE", "expected true or false");
      return Optional.empty();
    }
    return Optional.of(value.asBoolean());
  }

  /** An object inside, as it is; empty when it is absent. */
  public Optional<ObjectNode> objectAsItIs(String field) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!(value instanceof ObjectNode object)) {
      error(field, "FIELD_TYPE", "expected an object");
      return Optional.empty();
    }
    return Optional.of(object);
  }

  /** A number within bounds, both inclusive. */
  public double number(String field, double absent, double min, double max) {
    return number(field, min, max).orElse(absent);
  }

  /** A number within bounds, both inclusive; empty when it is absent. */
  public OptionalDouble number(String field, double min, double max) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber()) {
      error(field, "FIELD_TYPE", "expected a number");
      return OptionalDouble.empty();
    }
    double number = value.asDouble();
    if (!(number >= min && number <= max)) {
      error(field, "PARAM_RANGE", "is %s, expected %s to %s".formatted(value, min, max));
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(number);
  }

  /** A whole number of any size that fits a long. */
  public Optional<Long> wholeNumber(String field) {
    JsonNode value = fields.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      error(field, "FIELD_TYPE", "expected a whole number");
      return Optional.empty();
    }
    return Optional.of(value.asLong());
  }

  /** A date written {@code 2024-01-31}. */
  public Optional<LocalDate> date(String field) {
    return text(field)
        .flatMap(text -> {
          Optional<LocalDate> date = dateOf(text);
          if (date.isEmpty()) {
            error(field, "RANGE_INVALID", "is '%s', expected YYYY-MM-DD".formatted(text));
          }
          return date;
        });
  }

  /** Years of more digits are nothing to calculate with. */
  private static Optional<LocalDate> dateOf(String text) {
    try {
      return text.length() == DATE_LENGTH ? Optional.of(LocalDate.parse(text)) : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Notes an error when the value is missing and nothing else was wrong with the field. */
  public <T> T require(String field, Optional<T> value, T placeholder) {
    if (value.isEmpty() && !hasError(field)) {
      error(field, "FIELD_REQUIRED", "is required");
    }
    return value.orElse(placeholder);
  }

  /**
   * @throws ProblemException 422 with everything that was noted
   */
  public void throwIfInvalid() {
    if (!errors.isEmpty()) {
      FieldError first = errors.getFirst();
      String code = errors.size() == 1 ? first.code() : "VALIDATION_ERROR";
      throw new ProblemException(
          422, code, "%s: %s".formatted(first.pointer().substring(1), first.detail()), errors);
    }
  }
}
