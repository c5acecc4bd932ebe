package io.ktrdr.protocol.table;

/** Whether bytes have nothing in them that a compression could take out. */
final class Noise {

  /** Of fewer bytes not much can be said, and they take no time anyway. */
  private static final int BYTES_MIN = 1024;

  private static final int VALUES = 256;

  /** More pairs of equal bytes than noise has by chance: the few percent are not worth more. */
  private static final double PAIRS_MAX = 1.1;

  private Noise() {}

  /**
   * Whether every byte is about equally frequent: counted by pairs of equal ones, of which {@code
   * n²} even bytes have {@code n² / 256}. Order in evenly frequent bytes is not seen.
   */
  static boolean looksLike(byte[] bytes) {
    if (bytes.length < BYTES_MIN) {
      return false;
    }
    int[] counts = new int[VALUES];
    for (byte value : bytes) {
      counts[Byte.toUnsignedInt(value)]++;
    }
    double pairs = 0;
    for (int count : counts) {
      pairs += (double) count * (count - 1);
    }
    double byChance = (double) bytes.length * (bytes.length - 1) / VALUES;
    return pairs <= PAIRS_MAX * byChance;
  }
}
