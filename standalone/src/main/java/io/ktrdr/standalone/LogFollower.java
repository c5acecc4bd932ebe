package io.ktrdr.standalone;

import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Prints what is appended to one file, whole lines only. */
final class LogFollower {

  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path file;
  private final String prefix;
  private final PrintStream out;
  private long position;

  /**
   * @param from byte the first line starts at
   * @param prefix put in front of each line
   */
  LogFollower(Path file, long from, String prefix, PrintStream out) {
    this.file = file;
    this.position = from;
    this.prefix = prefix;
    this.out = out;
  }

  /** Where {@code lines} whole lines before the end of the file begin. */
  static long tailStart(Path file, int lines) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long position = in.length();
      int seen = -1;
      while (position > 0 && seen < lines) {
        position--;
        in.seek(position);
        if (in.read() == '\n') {
          seen++;
        } else if (seen < 0) {
          seen = 0;
        }
      }
      return position == 0 && seen < lines ? 0 : position + 1;
    }
  }

  /** Prints the lines completed since the last call; a file that is not there yet has none. */
  void printNew() {
    if (!file.toFile().exists()) {
      return;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (in.length() < position) {
        position = 0;
      }
      byte[] chunk = new byte[CHUNK_BYTES];
      int end;
      do {
        in.seek(position);
        int read = Math.max(0, in.read(chunk));
        end = lastLineEnd(chunk, read);
        if (end > 0) {
          print(new String(chunk, 0, end, StandardCharsets.UTF_8));
          position += end;
        }
      } while (end > 0);
    } catch (IOException e) {
      out.println(prefix + "(unreadable: " + e.getMessage() + ")");
    }
  }

  private void print(String text) {
    text.lines().forEach(line -> out.println(prefix + line));
    out.flush();
  }

  /** A line longer than a chunk is printed in pieces. */
  private static int lastLineEnd(byte[] chunk, int read) {
    for (int i = read - 1; i >= 0; i--) {
      if (chunk[i] == '\n') {
        return i + 1;
      }
    }
    return read == chunk.length ? read : 0;
  }
}
