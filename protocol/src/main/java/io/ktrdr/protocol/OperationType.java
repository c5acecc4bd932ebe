package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What kind of work an operation is. Also the type of a worker: a worker runs operations of exactly
 * one type. Anybody may add one; which of them a system knows is {@link OperationTypes}.
 *
 * @param wireName the name in JSON, SQL and routing keys, e.g. {@code backtesting}: a lower-case
 *     letter, then letters, digits and underscores. Stable for ever
 */
public record OperationType(@JsonValue String wireName) {

  /** Above the constants, which are checked by it. */
  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9_]{0,39}");

  public static final OperationType BACKTESTING = new OperationType("backtesting");
  public static final OperationType TRAINING = new OperationType("training");

  /** Those every system knows. */
  public static final List<OperationType> BUILT_IN = List.of(BACKTESTING, TRAINING);

  /**
   * @throws IllegalArgumentException when the name is not of the form above
   */
  public OperationType {
    requireNonNull(wireName, "wireName is null");
    if (!FORM.matcher(wireName).matches()) {
      throw new IllegalArgumentException(
          "not an operation type: '%s', expected a lower-case letter, then up to 39 letters, digits"
                  .formatted(wireName)
              + " or underscores");
    }
  }

  /** The type of that name, in any case; empty when it cannot be the name of one. */
  public static Optional<OperationType> find(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return FORM.matcher(wanted).matches()
        ? Optional.of(new OperationType(wanted))
        : Optional.empty();
  }

  /**
   * The type of that name, in any case.
   *
   * @throws IllegalArgumentException when it cannot be the name of one
   */
  @JsonCreator
  public static OperationType parse(String name) {
    return new OperationType(name.toLowerCase(Locale.ROOT));
  }

  /** The word in operation ids, e.g. {@code backtest} in {@code op_backtest_…}. */
  public String idPrefix() {
    return equals(BACKTESTING) ? "backtest" : wireName;
  }

  /** The word in names of settings, e.g. {@code BACKTESTING}. */
  public String settingName() {
    return wireName.toUpperCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return wireName;
  }
}
