package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names one operation for its whole life, over all its attempts: {@code
 * op_backtest_20251110_103000_1f0c9a2b7d34} (type, submit time in UTC, twelve random hex digits).
 * Only the API makes new ones.
 */
public record OperationId(@JsonValue String value) {

  private static final Pattern FORM =
      Pattern.compile("op_[a-z][a-z0-9_]{0,39}_\\d{8}_\\d{6}_[0-9a-f]{6,16}");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

  /** Of thousands of operations accepted in the same second no two may share a name. */
  private static final int SUFFIX_BYTES = 6;

  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * @throws IllegalArgumentException when {@code value} is not of the form above
   */
  public OperationId {
    requireNonNull(value, "value is null");
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not an operation id: '%s'".formatted(value));
    }
  }

  @JsonCreator
  public static OperationId parse(String value) {
    return new OperationId(value);
  }

  /** A new id for an operation accepted at {@code at}. */
  public static OperationId create(OperationType type, Instant at) {
    byte[] suffix = new byte[SUFFIX_BYTES];
    RANDOM.nextBytes(suffix);
    return new OperationId(
        "op_%s_%s_%s"
            .formatted(type.idPrefix(), STAMP.format(at), HexFormat.of().formatHex(suffix)));
  }

  @Override
  public String toString() {
    return value;
  }
}
