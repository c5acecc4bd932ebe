package io.ktrdr.market;

import io.ktrdr.protocol.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Digest of bars: their timeframe, then each column, in little-endian. */
final class BarFingerprint {

  private static final int BUFFER_BYTES = 1 << 16;

  private BarFingerprint() {}

  static Sha256 of(BarSeries bars) {
    return Sha256.of(digest -> update(digest, bars));
  }

  private static void update(MessageDigest digest, BarSeries bars) {
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
  }

  private static ByteBuffer room(ByteBuffer buffer, MessageDigest digest) {
    if (buffer.remaining() < Long.BYTES) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    return buffer;
  }
}
