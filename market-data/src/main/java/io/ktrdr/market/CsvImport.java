package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Brings a CSV file of any known layout into the data directory. Its bars are checked before
 * anything is written, and written in one layout, in UTC. A reader of the directory sees the old
 * file or the new one, never a part; after a crash, too. Thread-safe; one import at a time.
 */
public final class CsvImport {

  /** Longest symbol; it becomes a part of a file's name. */
  public static final int SYMBOL_CHARACTERS_MAX = 64;

  private static final Pattern SYMBOL =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0," + (SYMBOL_CHARACTERS_MAX - 1) + "}");

  /** A draft that old belongs to no import: one is written within seconds. */
  public static final Duration ABANDONED_AFTER = Duration.ofHours(1);

  private static final Pattern DRAFT =
      Pattern.compile("\\.import-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

  private final Path directory;
  private final DataCatalogue catalogue;
  private final int bytesMax;

  /**
   * @param catalogue of the same directory
   * @param bytesMax largest file written
   */
  public CsvImport(Path directory, DataCatalogue catalogue, int bytesMax) {
    this.directory = requireNonNull(directory, "directory is null");
    this.catalogue = requireNonNull(catalogue, "catalogue is null");
    this.bytesMax = bytesMax;
  }

  /**
   * A finished import.
   *
   * @param replaced whether there was such a file before
   * @param source layout of what was imported
   */
  public record Imported(Dataset dataset, boolean replaced, Layout source) {

    public Imported {
      requireNonNull(dataset, "dataset is null");
      requireNonNull(source, "source is null");
    }
  }

  /**
   * What is about to become a dataset.
   *
   * @param sha256 of the file as it will be
   * @param source layout of what was sent
   * @param replaces whether there is such a file
   */
  public record Planned(
      String symbol,
      Timeframe timeframe,
      Sha256 sha256,
      int rows,
      Layout source,
      boolean replaces) {}

  /** Who wants to know of an import before anybody can see it. */
  @FunctionalInterface
  public interface Announcement {

    /** The file is checked and written, but not in place. If this throws, it never will be. */
    void about(Planned planned);
  }

  /** Whether a symbol can be the name of a dataset: nothing else becomes a part of a path. */
  public static boolean isSymbol(String symbol) {
    return SYMBOL.matcher(symbol).matches();
  }

  /**
   * Checks {@code csv} and makes it the dataset of a symbol and timeframe.
   *
   * @param replace whether one that is there may go
   * @param announcement is told just before the dataset is there
   * @throws MarketDataException what is wrong with the bars, DATA_EXISTS, or
   *     DATA_DIRECTORY_UNWRITABLE
   * @throws IllegalArgumentException when {@link #isSymbol} says no
   */
  public synchronized Imported run(
      byte[] csv,
      String symbol,
      Timeframe timeframe,
      ReadOptions options,
      boolean replace,
      Announcement announcement) {
    if (!isSymbol(symbol)) {
      throw new IllegalArgumentException("'%s' is no symbol".formatted(symbol));
    }
    Path target = target(symbol, timeframe);
    boolean there = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    if (there && !replace) {
      throw exists(symbol, timeframe);
    }
    if (!there) {
      catalogue.requireRoom();
    }
    CsvBarReader.Content content = CsvBarReader.readContent(csv, symbol, timeframe, options);
    Path draft = directory.resolve(".import-%s.tmp".formatted(UUID.randomUUID()));
    try {
      Sha256 sha256 = write(content, notes(content, options), draft);
      announcement.about(
          new Planned(symbol, timeframe, sha256, content.bars().size(), content.layout(), there));
      put(draft, target, replace);
    } catch (FileAlreadyExistsException e) {
      throw exists(symbol, timeframe);
    } catch (IOException e) {
      throw new MarketDataException(
          "DATA_DIRECTORY_UNWRITABLE",
          ("%s %s was checked and is fine, but the data directory cannot be written (%s); mount it"
                  + " writable, make room, or put the file there by hand")
              .formatted(symbol, timeframe, e.getClass().getSimpleName()),
          e);
    } finally {
      discard(draft);
    }
    catalogue.forget(target);
    return new Imported(catalogue.find(symbol, timeframe), there, content.layout());
  }

  /** Whether the file of a dataset has exactly this content; false when it cannot be read. */
  public boolean holds(String symbol, Timeframe timeframe, Sha256 sha256) {
    try {
      return isSymbol(symbol) && Sha256.of(target(symbol, timeframe)).equals(sha256);
    } catch (IOException _) {
      return false;
    }
  }

  private Path target(String symbol, Timeframe timeframe) {
    return directory.resolve("%s_%s.csv".formatted(symbol, timeframe));
  }

  /**
   * Removes drafts of imports whose process died: plain files of exactly their names that were last
   * written {@link #ABANDONED_AFTER} ago or longer. Younger ones may be another process's.
   *
   * @return how many
   * @throws IOException when the directory cannot be listed, or a draft not be removed
   */
  public int removeAbandoned(Instant now) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(directory, ".import-*.tmp")) {
      for (Path draft : drafts) {
        if (DRAFT.matcher(String.valueOf(draft.getFileName())).matches()
            && Files.isRegularFile(draft, LinkOption.NOFOLLOW_LINKS)
            && !Files.getLastModifiedTime(draft).toInstant().isAfter(now.minus(ABANDONED_AFTER))) {
          removed += Files.deleteIfExists(draft) ? 1 : 0;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return removed;
  }

  private static List<String> notes(CsvBarReader.Content content, ReadOptions options) {
    List<String> notes = new ArrayList<>(content.notes());
    if (content.layout() != Layout.KTRDR || !options.zone().equals(ZoneOffset.UTC)) {
      String zone = options.zone().equals(ZoneOffset.UTC) ? "UTC" : options.zone().getId();
      notes.add(
          "imported from the layout %s; times without an offset were %s"
              .formatted(content.layout(), zone));
    }
    return notes;
  }

  private static MarketDataException exists(String symbol, Timeframe timeframe) {
    return new MarketDataException(
        "DATA_EXISTS",
        "there are %s bars of %s already; say replace=true to replace them"
            .formatted(timeframe, symbol));
  }

  /** Writes a new file to the disk, and says what is in it. */
  private Sha256 write(CsvBarReader.Content content, List<String> notes, Path draft)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      OutputStream out = new BufferedOutputStream(new Limited(Channels.newOutputStream(channel)));
      BarCsv.write(content.bars(), notes, out);
      out.flush();
      channel.force(true);
    }
    return Sha256.of(draft);
  }

  /** Takes no more than a file may have. */
  private final class Limited extends FilterOutputStream {

    private long written;

    Limited(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written > bytesMax) {
        throw new MarketDataException(
            "DATA_TOO_LARGE",
            "the bars are more than %d bytes as they would be kept; split them or use a longer timeframe"
                .formatted(bytesMax));
      }
      out.write(bytes, offset, length);
    }
  }

  private static void discard(Path draft) {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException _) {
      // It goes with the abandoned ones.
    }
  }

  private void put(Path draft, Path target, boolean replace) throws IOException {
    if (replace) {
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } else {
      create(target, draft);
    }
    try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /** Unlike a move, a link fails when another process was quicker; not every disk has links. */
  private static void create(Path target, Path draft) throws IOException {
    try {
      Files.createLink(target, draft);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException _) {
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
