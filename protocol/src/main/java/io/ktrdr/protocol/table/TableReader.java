package io.ktrdr.protocol.table;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.InflaterInputStream;

/**
 * Reads a table row by row; holds one block of rows, however many there are. Begins before the
 * first row. Every method throws IllegalArgumentException where the bytes are damaged. Not
 * thread-safe.
 */
public final class TableReader {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final DataInputStream in;
  private final int rows;
  private final List<Column> columns = new ArrayList<>();
  private final List<List<String>> words = new ArrayList<>();
  private final long[][] cells;
  private int readRows;
  private int blockRows;
  private int row = -1;
  private boolean ended;

  /** Whether that is a table, and not something else. */
  public static boolean isTable(byte[] bytes) {
    int length = TableFormat.MAGIC.length;
    return bytes.length >= length && Arrays.equals(bytes, 0, length, TableFormat.MAGIC, 0, length);
  }

  public TableReader(byte[] bytes) {
    if (!isTable(bytes)) {
      throw new IllegalArgumentException("not a table, or of another version");
    }
    int start = TableFormat.MAGIC.length;
    this.in =
        new DataInputStream(
            new BufferedInputStream(
                new InflaterInputStream(
                    new ByteArrayInputStream(bytes, start, bytes.length - start)),
                BUFFER_BYTES));
    try {
      this.rows = within(in.readInt(), TableFormat.ROWS_MAX);
      int width = within(in.readInt(), TableFormat.COLUMNS_MAX);
      for (int i = 0; i < width; i++) {
        Column.Kind kind = Column.Kind.ofCode(in.readUnsignedByte());
        columns.add(new Column(in.readUTF(), kind));
        words.add(List.of());
      }
    } catch (IOException e) {
      throw damaged(e);
    }
    this.cells = new long[columns.size()][Math.min(rows, TableFormat.BLOCK_ROWS)];
  }

  public int rows() {
    return rows;
  }

  public List<Column> columns() {
    return List.copyOf(columns);
  }

  /**
   * Index of a column.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public int column(String name) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no column " + name);
  }

  /** Goes to the next row; false when there is none. */
  public boolean next() {
    row++;
    if (row < blockRows) {
      return true;
    }
    if (readRows == rows) {
      if (!ended) {
        requireEnd();
        ended = true;
      }
      return false;
    }
    readBlock();
    return true;
  }

  /** Cell of a column of integers, or of times in epoch seconds. */
  public long integer(int column) {
    return cells[column][row];
  }

  /** Cell of a column of numbers. */
  public double number(int column) {
    return Double.longBitsToDouble(cells[column][row]);
  }

  /** Cell of a column of floats. */
  public float ofFloat(int column) {
    return Float.intBitsToFloat((int) cells[column][row]);
  }

  /** Cell of a column of words. */
  public String word(int column) {
    return words.get(column).get((int) cells[column][row]);
  }

  /** Any cell, as JSON writes it, without quotes. */
  public String text(int column) {
    return switch (columns.get(column).kind()) {
      case TIME -> Instant.ofEpochSecond(integer(column)).toString();
      case INTEGER -> Long.toString(integer(column));
      case NUMBER -> Double.toString(number(column));
      case FLOAT -> Float.toString(ofFloat(column));
      case WORD -> word(column);
    };
  }

  /** This row, as an object with a field a column. */
  public void writeRow(JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < columns.size(); i++) {
      json.writeFieldName(columns.get(i).name());
      switch (columns.get(i).kind()) {
        case TIME, WORD -> json.writeString(text(i));
        case INTEGER -> json.writeNumber(integer(i));
        case NUMBER -> json.writeNumber(number(i));
        case FLOAT -> json.writeNumber(ofFloat(i));
      }
    }
    json.writeEndObject();
  }

  /** The checksum of a stream comes with its end. */
  private void requireEnd() {
    try {
      if (in.read() >= 0) {
        throw new IllegalArgumentException("more than %d rows".formatted(rows));
      }
      in.close();
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  private void readBlock() {
    row = 0;
    blockRows = Math.min(rows - readRows, TableFormat.BLOCK_ROWS);
    try {
      for (int i = 0; i < cells.length; i++) {
        switch (columns.get(i).kind()) {
          case TIME -> readTimes(cells[i]);
          case INTEGER -> readDifferences(cells[i]);
          case NUMBER -> readNumbers(cells[i]);
          case FLOAT -> readPlanes(cells[i], Float.BYTES);
          case WORD -> words.set(i, readWords(cells[i]));
        }
      }
    } catch (IOException e) {
      throw damaged(e);
    }
    readRows += blockRows;
  }

  private void readTimes(long[] times) throws IOException {
    long time = 0;
    long step = 0;
    for (int i = 0; i < blockRows; i++) {
      step += readSigned();
      time += step;
      times[i] = time;
    }
  }

  private void readDifferences(long[] values) throws IOException {
    long value = 0;
    for (int i = 0; i < blockRows; i++) {
      value += readSigned();
      values[i] = value;
    }
  }

  private void readNumbers(long[] bits) throws IOException {
    int decimals = in.readByte();
    if (decimals == TableFormat.NOT_DECIMAL) {
      readPlanes(bits, Double.BYTES);
      return;
    }
    if (!TableFormat.isDecimal(decimals)) {
      throw new IllegalArgumentException("%d decimals".formatted(decimals));
    }
    readDifferences(bits);
    for (int i = 0; i < blockRows; i++) {
      bits[i] = TableFormat.bits(bits[i], decimals);
    }
  }

  private void readPlanes(long[] bits, int width) throws IOException {
    Arrays.fill(bits, 0, blockRows, 0);
    byte[] plane = new byte[blockRows];
    for (int i = 0; i < width; i++) {
      in.readFully(plane);
      for (int k = 0; k < blockRows; k++) {
        bits[k] = (bits[k] << Byte.SIZE) | Byte.toUnsignedLong(plane[k]);
      }
    }
  }

  private List<String> readWords(long[] indices) throws IOException {
    int count = in.readUnsignedByte();
    List<String> known = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      known.add(in.readUTF());
    }
    byte[] plane = new byte[blockRows];
    in.readFully(plane);
    for (int i = 0; i < blockRows; i++) {
      indices[i] = within(Byte.toUnsignedInt(plane[i]), count - 1);
    }
    return known;
  }

  private long readSigned() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = in.readUnsignedByte();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  private static int within(int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException("%d of at most %d".formatted(value, max));
    }
    return value;
  }

  private static IllegalArgumentException damaged(IOException cause) {
    return new IllegalArgumentException("a table that is damaged: " + cause.getMessage(), cause);
  }
}
