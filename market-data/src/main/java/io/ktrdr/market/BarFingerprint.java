package io.ktrdr.market;

import io.ktrdr.protocol.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digest of bars: their timeframe, then each column, in little-endian. */
final class BarFingerprint {

  private static final int BUFFER_BYTES = 1 << 16;

  private BarFingerprint() {}

  static Sha256 of(BarSeries bars) {
    MessageDigest digest = digest();
    digest.update(bars.timeframe().wireName().getBytes(StandardCharsets.US_ASCII));
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long time : bars.times()) {
      room(buffer, digest).putLong(time);
    }
    double[][] columns = {bars.open(), bars.high(), bars.low(), bars.close(), bars.volume()};
    for (double[] column : columns) {
      for (double value : column) {
        room(buffer, digest).putDouble(value);
      }
    }
    digest.update(buffer.flip());
    return Sha256.parse(HexFormat.of().formatHex(digest.digest()));
  }

  private static ByteBuffer room(ByteBuffer buffer, MessageDigest digest) {
    if (buffer.remaining() < Long.BYTES) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    return buffer;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
