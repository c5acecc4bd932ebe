package io.ktrdr.protocol.table;

/**
 * The bytes of a table.
 *
 * <pre>
 * "KTBL", 1 version; then, as one zlib stream with its checksum, big-endian:
 * 4 rows, 4 columns, each 1 kind and its name
 * blocks of up to 16,384 rows, one column after the other:
 *   time     differences of differences
 *   integer  differences
 *   number   1 decimals d, then differences of value · 10^d, where that is exact for the whole
 *            block; else 1 byte -1, then the first byte of each, the second of each, … the eighth
 *   float    the first byte of each, … the fourth
 *   word     1 how many different ones, each text, 1 index each
 * </pre>
 *
 * <p>Differences are to the cell above, 0 above the first of a block, and are written seven bits at
 * a byte, low ones first, sign in the lowest bit. Bytes of numbers that look like noise are stored
 * in the zlib stream as they are, see {@link Noise}.
 */
final class TableFormat {

  static final byte[] MAGIC = {'K', 'T', 'B', 'L', 1};
  static final int BLOCK_ROWS = 16_384;
  static final int ROWS_MAX = 10_000_000;
  static final int COLUMNS_MAX = 64;
  static final int WORDS_MAX = 255;
  static final int NOT_DECIMAL = -1;

  private static final double[] POWERS = {1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  private static final double WHOLE_MAX = 0x1p53;

  private TableFormat() {}

  /**
   * Decimals with which the first {@code rows} doubles are whole numbers that give back every bit;
   * {@link #NOT_DECIMAL} when there is no such.
   */
  static int decimals(long[] bits, int rows) {
    for (int decimals = 0; decimals < POWERS.length; decimals++) {
      int row = 0;
      while (row < rows && isWhole(bits[row], POWERS[decimals])) {
        row++;
      }
      if (row == rows) {
        return decimals;
      }
    }
    return NOT_DECIMAL;
  }

  private static boolean isWhole(long bits, double power) {
    double whole = Math.rint(Double.longBitsToDouble(bits) * power);
    return Math.abs(whole) <= WHOLE_MAX
        && Double.doubleToRawLongBits((double) (long) whole / power) == bits;
  }

  static long whole(long bits, int decimals) {
    return (long) Math.rint(Double.longBitsToDouble(bits) * POWERS[decimals]);
  }

  static long bits(long whole, int decimals) {
    return Double.doubleToRawLongBits((double) whole / POWERS[decimals]);
  }

  static boolean isDecimal(int decimals) {
    return decimals >= 0 && decimals < POWERS.length;
  }
}
