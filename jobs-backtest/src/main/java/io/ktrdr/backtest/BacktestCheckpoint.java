package io.ktrdr.backtest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationSpec.Decider;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.EngineVersion;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A backtest between two bars, as bytes: whose it is, then {@link EngineState} and what the
 * strategy has counted.
 *
 * <pre>
 * 4  "KTBC"
 * 2  version of this form
 * 32 digest of the spec: every setting, and by their digests prices, model, text of the strategy
 * 32 digest of the prices
 * 32 digest of the model, or of the strategy's text
 * 32 digest of the engine's version
 * 4  first bar that is traded
 * 4  bar after the last
 * …  the state
 * 4  how many things the strategy counts; 4 each
 * 4  CRC-32C of all before
 * </pre>
 *
 * <p>Another version of the form, another spec or a byte that differs, and it is refused: the run
 * begins anew. Whoever changes what the engine keeps or what it means raises {@link #VERSION}.
 * Equal runs have equal bytes at the same bar.
 *
 * <p>Not thread-safe.
 */
final class BacktestCheckpoint {

  private static final byte[] MAGIC = "KTBC".getBytes(StandardCharsets.US_ASCII);
  private static final short VERSION = 2;
  private static final int DIGEST = 32;
  private static final int HEADER = 4 + Short.BYTES + 4 * DIGEST + 2 * Integer.BYTES;
  private static final int CHECKSUM = Integer.BYTES;

  private static final String[] DIGEST_OF = {
    "another spec", "other prices", "another strategy", "another version of the engine"
  };

  private final byte[] header;

  /**
   * Of runs of this spec.
   *
   * @param from first bar that is traded
   * @param to bar after the last
   */
  BacktestCheckpoint(OperationSpec.Backtest spec, int from, int to) {
    this(spec, EngineVersion.of(BacktestHandler.class).orSubmitted(spec.engineVersion()), from, to);
  }

  /** As an engine of that version has them. */
  BacktestCheckpoint(OperationSpec.Backtest spec, String engineVersion, int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER).put(MAGIC).putShort(VERSION);
    put(bytes, Sha256.of(json(spec)));
    put(bytes, spec.dataset().sha256());
    put(
        bytes,
        switch (spec.decider()) {
          case Decider.Model model -> model.sha256();
          case Decider.Rules rules ->
              Sha256.of(rules.strategyYaml().getBytes(StandardCharsets.UTF_8));
        });
    put(bytes, Sha256.of(engineVersion.getBytes(StandardCharsets.UTF_8)));
    this.header = bytes.putInt(from).putInt(to).array();
  }

  /** It cannot be gone on from. The message says why. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }

    RefusedException(String message) {
      super(message);
    }
  }

  /** What there is to keep of this engine and this strategy. */
  BarProgress.State of(EngineState engine, PreparedStrategy strategy) {
    return new BarProgress.State() {
      @Override
      public long bytes() {
        return BacktestCheckpoint.this.bytes(engine, strategy);
      }

      @Override
      public byte[] write() {
        return BacktestCheckpoint.this.write(engine, strategy);
      }
    };
  }

  private long bytes(EngineState engine, PreparedStrategy strategy) {
    return HEADER + engine.bytes() + (1L + strategy.counted().length) * Integer.BYTES + CHECKSUM;
  }

  private byte[] write(EngineState engine, PreparedStrategy strategy) {
    StateStream.Writer out = new StateStream.Writer(Math.toIntExact(bytes(engine, strategy)));
    out.column(header, header.length);
    engine.exchange(out);
    int[] counted = strategy.counted();
    out.number(counted.length);
    out.column(counted, counted.length);
    out.number(checksum(out.written()));
    return out.toByteArray();
  }

  /**
   * Brings an engine and a strategy that have not begun to where the checkpoint was taken.
   *
   * @throws RefusedException when it is damaged or another run's; the strategy is then as before,
   *     the engine is of no use any more
   */
  void read(byte[] checkpoint, EngineState engine, PreparedStrategy strategy)
      throws RefusedException {
    requireOurs(checkpoint);
    StateStream.Reader in =
        new StateStream.Reader(
            ByteBuffer.wrap(checkpoint, HEADER, checkpoint.length - HEADER - CHECKSUM));
    try {
      engine.exchange(in);
      int[] counted = new int[in.count(0, in.remaining() / Integer.BYTES)];
      in.column(counted, counted.length);
      if (in.remaining() != 0) {
        throw new RefusedException("has %d bytes too many".formatted(in.remaining()));
      }
      strategy.resume(counted);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new RefusedException("is no state of this engine: " + e, e);
    }
  }

  private void requireOurs(byte[] checkpoint) throws RefusedException {
    if (checkpoint.length < HEADER + CHECKSUM
        || !Arrays.equals(checkpoint, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new RefusedException("is no checkpoint of a backtest");
    }
    ByteBuffer bytes = ByteBuffer.wrap(checkpoint);
    short version = bytes.getShort(MAGIC.length);
    if (version != VERSION) {
      throw new RefusedException("has form %d, not %d".formatted(version, VERSION));
    }
    int end = checkpoint.length - CHECKSUM;
    if (bytes.getInt(end) != checksum(ByteBuffer.wrap(checkpoint, 0, end))) {
      throw new RefusedException("is damaged");
    }
    int at = MAGIC.length + Short.BYTES;
    for (int i = DIGEST_OF.length - 1; i >= 0; i--) {
      int digest = at + i * DIGEST;
      if (!Arrays.equals(checkpoint, digest, digest + DIGEST, header, digest, digest + DIGEST)) {
        throw new RefusedException("is of " + DIGEST_OF[i]);
      }
    }
    if (!Arrays.equals(checkpoint, 0, HEADER, header, 0, HEADER)) {
      throw new RefusedException("is of another range of bars");
    }
  }

  private static void put(ByteBuffer bytes, Sha256 digest) {
    bytes.put(HexFormat.of().parseHex(digest.hex()));
  }

  private static byte[] json(OperationSpec.Backtest spec) {
    try {
      return Json.mapper().writeValueAsBytes(spec);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a spec is made of plain values", e);
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
