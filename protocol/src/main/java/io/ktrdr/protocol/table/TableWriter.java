package io.ktrdr.protocol.table;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a table cell by cell, row by row; holds one block of rows and the bytes so far. Equal
 * tables have equal bytes, on every machine with the same JDK's deflate. Not thread-safe.
 */
public final class TableWriter {

  private static final int BUFFER_BYTES = 64 * 1024;

  /** Seven bits each: what a long takes at most. */
  private static final int SIGNED_BYTES_MAX = 10;

  private final List<Column> columns;
  private final int rows;
  private final long[][] cells;
  private final List<Map<String, Integer>> words;
  private final String[] lastWords;
  private final byte[] packed;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private final DataOutputStream out;
  private int packedBytes;
  private int finishedRows;
  private int row;
  private int column;

  /**
   * @param rows how many there will be
   * @throws IllegalArgumentException when there are too many of either, or no columns
   */
  public TableWriter(List<Column> columns, int rows) {
    if (rows < 0
        || rows > TableFormat.ROWS_MAX
        || columns.isEmpty()
        || columns.size() > TableFormat.COLUMNS_MAX) {
      throw new IllegalArgumentException("%d rows, %d columns".formatted(rows, columns.size()));
    }
    this.columns = List.copyOf(columns);
    this.rows = rows;
    this.cells = new long[columns.size()][Math.min(rows, TableFormat.BLOCK_ROWS)];
    this.words = columns.stream().<Map<String, Integer>>map(_ -> new LinkedHashMap<>()).toList();
    this.lastWords = new String[columns.size()];
    this.packed = new byte[cells[0].length * SIGNED_BYTES_MAX];
    bytes.writeBytes(TableFormat.MAGIC);
    this.out = new DataOutputStream(new DeflaterOutputStream(bytes, deflater, BUFFER_BYTES));
    try {
      out.writeInt(rows);
      out.writeInt(columns.size());
      for (Column described : columns) {
        out.writeByte(described.kind().code());
        out.writeUTF(described.name());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory", e);
    }
  }

  /** The next cell, of a column of times, in epoch seconds. */
  public TableWriter time(long epochSeconds) {
    return cell(Column.Kind.TIME, epochSeconds);
  }

  public TableWriter integer(long value) {
    return cell(Column.Kind.INTEGER, value);
  }

  public TableWriter number(double value) {
    return cell(Column.Kind.NUMBER, Double.doubleToRawLongBits(value));
  }

  public TableWriter ofFloat(float value) {
    return cell(Column.Kind.FLOAT, Float.floatToRawIntBits(value));
  }

  /**
   * The next cell, of a column of words.
   *
   * @throws IllegalArgumentException when there are more than 255 different ones within some
   *     thousand rows
   */
  public TableWriter word(String value) {
    // Mostly it is the word above, which is found without asking the map.
    if (row > 0 && value.equals(lastWords[column])) {
      return cell(Column.Kind.WORD, cells[column][row - 1]);
    }
    lastWords[column] = value;
    Map<String, Integer> known = words.get(column);
    Integer index = known.get(value);
    if (index == null) {
      index = known.size();
      if (index == TableFormat.WORDS_MAX) {
        throw new IllegalArgumentException("too many words in " + columns.get(column).name());
      }
      known.put(value, index);
    }
    return cell(Column.Kind.WORD, index);
  }

  private TableWriter cell(Column.Kind kind, long value) {
    if (columns.get(column).kind() != kind) {
      throw new IllegalArgumentException("%s for %s".formatted(kind, columns.get(column)));
    }
    if (finishedRows + row == rows) {
      throw new IllegalStateException("more than %d rows".formatted(rows));
    }
    cells[column][row] = value;
    column++;
    if (column == cells.length) {
      column = 0;
      row++;
      if (row == cells[0].length) {
        writeBlock();
      }
    }
    return this;
  }

  /**
   * The whole table.
   *
   * @throws IllegalStateException when rows are missing
   */
  public byte[] finish() {
    if (row > 0) {
      writeBlock();
    }
    if (finishedRows != rows || column != 0) {
      throw new IllegalStateException("%d rows of %d".formatted(finishedRows, rows));
    }
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory", e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private void writeBlock() {
    try {
      for (int i = 0; i < cells.length; i++) {
        switch (columns.get(i).kind()) {
          case TIME -> writeTimes(cells[i]);
          case INTEGER -> writeDifferences(cells[i]);
          case NUMBER -> writeNumbers(cells[i]);
          case FLOAT -> writePlanes(cells[i], Float.BYTES);
          case WORD -> writeWords(cells[i], words.get(i));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory", e);
    }
    finishedRows += row;
    row = 0;
  }

  private void writeTimes(long[] times) throws IOException {
    long before = 0;
    long stepBefore = 0;
    for (int i = 0; i < row; i++) {
      long step = times[i] - before;
      packSigned(step - stepBefore);
      before = times[i];
      stepBefore = step;
    }
    writePacked();
  }

  private void writeDifferences(long[] values) throws IOException {
    long before = 0;
    for (int i = 0; i < row; i++) {
      packSigned(values[i] - before);
      before = values[i];
    }
    writePacked();
  }

  private void writeNumbers(long[] bits) throws IOException {
    int decimals = TableFormat.decimals(bits, row);
    out.writeByte(decimals);
    if (decimals == TableFormat.NOT_DECIMAL) {
      writePlanes(bits, Double.BYTES);
      return;
    }
    for (int i = 0; i < row; i++) {
      bits[i] = TableFormat.whole(bits[i], decimals);
    }
    writeDifferences(bits);
  }

  private void writePlanes(long[] bits, int width) throws IOException {
    byte[] plane = new byte[row];
    for (int shift = (width - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      for (int i = 0; i < row; i++) {
        plane[i] = (byte) (bits[i] >>> shift);
      }
      // The last digits of prices are noise: looking for repetitions in them finds none.
      deflater.setLevel(Noise.looksLike(plane) ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED);
      out.write(plane);
    }
    deflater.setLevel(Deflater.BEST_SPEED);
  }

  private void writeWords(long[] indices, Map<String, Integer> known) throws IOException {
    out.writeByte(known.size());
    for (String word : known.keySet()) {
      out.writeUTF(word);
    }
    byte[] plane = new byte[row];
    for (int i = 0; i < row; i++) {
      plane[i] = (byte) indices[i];
    }
    out.write(plane);
    known.clear();
  }

  private void packSigned(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      packed[packedBytes++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    packed[packedBytes++] = (byte) rest;
  }

  /** A column at a time: a call of deflate costs as much as hundreds of bytes. */
  private void writePacked() throws IOException {
    out.write(packed, 0, packedBytes);
    packedBytes = 0;
  }
}
