package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** Names one worker in the registry, e.g. {@code backtest-worker-3}. */
public record WorkerId(@JsonValue String value) {

  /** What a valid id is, for messages. */
  public static final String FORM_WORDS = "expected 1 to 100 of A-Z a-z 0-9 . _ -";

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /**
   * @throws IllegalArgumentException when {@code value} is not 1 to 100 letters, digits, dots,
   *     dashes and underscores
   */
  public WorkerId {
    requireNonNull(value, "value is null");
    if (!isValid(value)) {
      throw new IllegalArgumentException("not a worker id: '%s' (%s)".formatted(value, FORM_WORDS));
    }
  }

  /** True for what the constructor takes. */
  public static boolean isValid(String value) {
    return FORM.matcher(value).matches();
  }

  @JsonCreator
  public static WorkerId parse(String value) {
    return new WorkerId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
