package io.ktrdr.market;

/**
 * Reads the numbers prices usually are, digits with at most one point, several times as fast as
 * {@link Double#parseDouble} and to the same double: whole number and power of ten are exact, so
 * their quotient is rounded once (W. D. Clinger, How to Read Floating Point Numbers Accurately,
 * 1990).
 */
final class PlainNumber {

  /** A whole number of so many digits is a double without rounding. */
  static final int DIGITS_MAX = 15;

  private static final double[] POWERS_OF_TEN = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  private PlainNumber() {}

  /** NaN for everything else: a sign, an exponent, blanks, more digits, or no number at all. */
  static double parse(String text) {
    int length = text.length();
    int digits = 0;
    int point = -1;
    long whole = 0;
    if (length > DIGITS_MAX + 1) {
      return Double.NaN;
    }
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
        digits++;
      } else if (digit == '.' - '0' && point < 0) {
        point = digits;
      } else {
        return Double.NaN;
      }
    }
    if (digits == 0 || digits > DIGITS_MAX) {
      return Double.NaN;
    }
    return of(whole, point < 0 ? 0 : digits - point);
  }

  /** {@code whole / 10^decimals}, rounded once; both at most {@value #DIGITS_MAX} digits. */
  static double of(long whole, int decimals) {
    return decimals == 0 ? (double) whole : (double) whole / POWERS_OF_TEN[decimals];
  }
}
