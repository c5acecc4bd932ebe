package io.ktrdr.backtest;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The state of an engine as bytes, big-endian. Each part of the engine lists what it consists of
 * once, in the form {@code x = stream.number(x)}: a {@link Writer} keeps what it is given and gives
 * it back, a {@link Reader} ignores it and gives what was kept. Doubles keep every bit.
 *
 * <p>Not thread-safe.
 */
sealed interface StateStream {

  int number(int value);

  long number(long value);

  double number(double value);

  boolean flag(boolean value);

  /** Null is a value, too. */
  @Nullable ExitReason reason(@Nullable ExitReason value);

  /** The first {@code count} values of a column. */
  void column(double[] values, int count);

  /** As {@link #column(double[], int)}. */
  void column(long[] values, int count);

  /** As {@link #column(double[], int)}. */
  void column(int[] values, int count);

  /** As {@link #column(double[], int)}. */
  void column(byte[] values, int count);

  /**
   * How many there are of something.
   *
   * @throws IllegalArgumentException when what was kept is not within 0 and {@code max}
   */
  default int count(int value, int max) {
    int count = number(value);
    if (count < 0 || count > max) {
      throw new IllegalArgumentException("%d of at most %d".formatted(count, max));
    }
    return count;
  }

  /** Keeps what it is given. */
  final class Writer implements StateStream {

    private ByteBuffer bytes;

    /**
     * @param expected bytes there will be; more are no error
     */
    Writer(int expected) {
      this.bytes = ByteBuffer.allocate(expected);
    }

    /** What was kept so far, to be looked at before more is. */
    ByteBuffer written() {
      return bytes.duplicate().flip();
    }

    /** All that was kept. */
    byte[] toByteArray() {
      return bytes.position() == bytes.capacity()
          ? bytes.array()
          : Arrays.copyOf(bytes.array(), bytes.position());
    }

    private ByteBuffer room(long more) {
      if (bytes.remaining() < more) {
        int capacity = Math.toIntExact(Math.max(2L * bytes.capacity(), bytes.position() + more));
        bytes = ByteBuffer.allocate(capacity).put(bytes.flip());
      }
      return bytes;
    }

    @Override
    public int number(int value) {
      room(Integer.BYTES).putInt(value);
      return value;
    }

    @Override
    public long number(long value) {
      room(Long.BYTES).putLong(value);
      return value;
    }

    @Override
    public double number(double value) {
      room(Double.BYTES).putLong(Double.doubleToRawLongBits(value));
      return value;
    }

    @Override
    public boolean flag(boolean value) {
      room(1).put((byte) (value ? 1 : 0));
      return value;
    }

    @Override
    public @Nullable ExitReason reason(@Nullable ExitReason value) {
      room(1).put(ExitReason.code(value));
      return value;
    }

    @Override
    public void column(double[] values, int count) {
      ByteBuffer to = room((long) count * Double.BYTES);
      to.asDoubleBuffer().put(values, 0, count);
      to.position(to.position() + count * Double.BYTES);
    }

    @Override
    public void column(long[] values, int count) {
      ByteBuffer to = room((long) count * Long.BYTES);
      to.asLongBuffer().put(values, 0, count);
      to.position(to.position() + count * Long.BYTES);
    }

    @Override
    public void column(int[] values, int count) {
      ByteBuffer to = room((long) count * Integer.BYTES);
      to.asIntBuffer().put(values, 0, count);
      to.position(to.position() + count * Integer.BYTES);
    }

    @Override
    public void column(byte[] values, int count) {
      room(count).put(values, 0, count);
    }
  }

  /**
   * Gives what was kept. Every method throws {@link java.nio.BufferUnderflowException} where there
   * is no more.
   */
  final class Reader implements StateStream {

    private final ByteBuffer bytes;

    /**
     * @param kept read from its position to its limit
     */
    Reader(ByteBuffer kept) {
      this.bytes = kept;
    }

    /** Bytes not read yet. */
    int remaining() {
      return bytes.remaining();
    }

    @Override
    public int number(int value) {
      return bytes.getInt();
    }

    @Override
    public long number(long value) {
      return bytes.getLong();
    }

    @Override
    public double number(double value) {
      return Double.longBitsToDouble(bytes.getLong());
    }

    @Override
    public boolean flag(boolean value) {
      return bytes.get() != 0;
    }

    @Override
    public @Nullable ExitReason reason(@Nullable ExitReason value) {
      return ExitReason.ofCode(bytes.get());
    }

    @Override
    public void column(double[] values, int count) {
      bytes.asDoubleBuffer().get(values, 0, count);
      bytes.position(bytes.position() + count * Double.BYTES);
    }

    @Override
    public void column(long[] values, int count) {
      bytes.asLongBuffer().get(values, 0, count);
      bytes.position(bytes.position() + count * Long.BYTES);
    }

    @Override
    public void column(int[] values, int count) {
      bytes.asIntBuffer().get(values, 0, count);
      bytes.position(bytes.position() + count * Integer.BYTES);
    }

    @Override
    public void column(byte[] values, int count) {
      bytes.get(values, 0, count);
    }
  }
}
