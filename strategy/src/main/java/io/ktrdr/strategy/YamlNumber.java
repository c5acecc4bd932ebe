package io.ktrdr.strategy;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Numbers as strategies write them: decimal digits, which every reader of YAML takes for the same
 * number. What some take for another or for a text is no number here: {@code 010} (8 or 10), {@code
 * 0x10}, {@code 1_000}, {@code 1:30}, {@code .inf}, and numbers in quotes.
 */
final class YamlNumber {

  private static final String DIGITS = "(0|[1-9]\\d*)";
  private static final Pattern REAL =
      Pattern.compile("[-+]?(" + DIGITS + "\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,6})?");
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9]\\d{0,17})");

  private static final int WHOLE_DIGITS_MAX = 18;
  private static final Pattern NOT_FINITE = Pattern.compile("(?i)[-+]?\\.?(inf|infinity|nan)");
  private static final Pattern LEADING_ZEROS = Pattern.compile("([-+]?)0+(\\d[\\d.eE+-]*)");
  private static final Pattern GROUPED = Pattern.compile("[-+]?\\d[\\d.]*(_+\\d[\\d.]*)+");
  private static final Pattern OTHER_BASE =
      Pattern.compile("[-+]?0[xob][0-9a-fA-F_]+|[-+]?\\d+(:\\d+)+(\\.\\d*)?");

  private YamlNumber() {}

  /** Null when the node is not a plain finite number. */
  static @Nullable Double real(Node node) {
    if (node instanceof ScalarNode scalar
        && isPlain(scalar)
        && REAL.matcher(scalar.getValue()).matches()) {
      double value = Double.parseDouble(scalar.getValue());
      return Double.isFinite(value) ? value : null;
    }
    return null;
  }

  /** Null when the node is not a plain whole number of at most 18 digits. */
  static @Nullable Long whole(Node node) {
    return node instanceof ScalarNode scalar
            && isPlain(scalar)
            && WHOLE.matcher(scalar.getValue()).matches()
        ? Long.valueOf(scalar.getValue())
        : null;
  }

  /**
   * How to write it instead, beginning with a semicolon, to be put behind a message; empty when the
   * node is an ordinary number or nothing like one.
   */
  static String hint(Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      return "";
    }
    String text = scalar.getValue();
    boolean isReal = REAL.matcher(text).matches();
    if (!isPlain(scalar)) {
      return isReal ? "; write it without quotes" : "";
    }
    if (NOT_FINITE.matcher(text).matches()) {
      return "; infinity and NaN are no numbers here";
    }
    if (GROUPED.matcher(text).matches()) {
      return "; write it without underscores";
    }
    if (OTHER_BASE.matcher(text).matches()) {
      return "; write it in decimal digits";
    }
    if (LEADING_ZEROS.matcher(text).matches()) {
      String plain = LEADING_ZEROS.matcher(text).replaceFirst("$1$2");
      return "; leading zeros are octal to some readers of YAML, so write "
          + YamlMap.shortened(plain);
    }
    if (isReal && real(node) == null) {
      return "; that is larger than any number";
    }
    return "";
  }

  /** As {@link #hint}, where a whole number is wanted: {@code 1e1} is 10. */
  static String wholeHint(Node node) {
    String hint = hint(node);
    if (!hint.isEmpty() || real(node) == null || whole(node) != null) {
      return hint;
    }
    BigDecimal value = new BigDecimal(((ScalarNode) node).getValue()).stripTrailingZeros();
    return value.scale() <= 0 && value.precision() - value.scale() <= WHOLE_DIGITS_MAX
        ? "; write " + value.toPlainString()
        : "";
  }

  private static boolean isPlain(ScalarNode scalar) {
    return scalar.getScalarStyle() == ScalarStyle.PLAIN;
  }
}
