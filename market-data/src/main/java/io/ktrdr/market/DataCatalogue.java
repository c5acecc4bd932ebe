package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.NearestNames;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The CSV files of one directory, {@code SYMBOL_TIMEFRAME.csv} each; folders below it are not read.
 *
 * <p>Every file is read and validated once, and again when its size or modification time changed,
 * so files may come, go and change while the process runs. A name asked for is only ever compared
 * with the names found: nothing a caller sends becomes a path. Thread-safe.
 */
public final class DataCatalogue {

  /** Most CSV files listed. */
  public static final int FILES_MAX = 10_000;

  private static final Pattern FILE_NAME =
      Pattern.compile("(?<symbol>[A-Za-z0-9_.-]+)_(?<timeframe>[0-9]+[a-z])\\.csv");

  private final Path directory;
  private final Map<Path, Entry> entries = new ConcurrentHashMap<>();

  /** A listing and the state of the file it was made from. */
  private record Entry(FileTime modified, long size, Listing listing) {}

  /**
   * @param directory need not exist yet
   */
  public DataCatalogue(Path directory) {
    this.directory = requireNonNull(directory, "directory is null");
  }

  /**
   * Every CSV file, by name.
   *
   * @throws MarketDataException {@code DATA_DIRECTORY_UNREADABLE}
   */
  public List<Listing> list() {
    List<Path> files = csvFiles();
    entries.keySet().retainAll(files);
    return files.stream().map(this::current).flatMap(Optional::stream).toList();
  }

  /**
   * The dataset of a symbol and timeframe.
   *
   * @throws MarketDataException {@code SYMBOL_UNKNOWN} with the nearest names, {@code
   *     TIMEFRAME_UNKNOWN} with the timeframes there are, or the file's own damage
   */
  public Dataset find(String symbol, Timeframe timeframe) {
    Optional<Dataset> known = known(symbol, timeframe);
    if (known.isPresent()) {
      return known.get();
    }
    List<Listing> listings = list();
    String fileName = symbol + "_" + timeframe + ".csv";
    for (Listing listing : listings) {
      switch (listing) {
        case Listing.Available(Dataset dataset) -> {
          if (isOf(listing, symbol, timeframe)) {
            return dataset;
          }
        }
        case Listing.Damaged damaged -> {
          if (damaged.fileName().equals(fileName)) {
            throw new MarketDataException(damaged.code(), damaged.message());
          }
        }
      }
    }
    throw unknown(symbol, timeframe, listings);
  }

  /** Among the files found before; one that is still as it was needs no look at all the others. */
  private Optional<Dataset> known(String symbol, Timeframe timeframe) {
    return entries.entrySet().stream()
        .filter(entry -> isOf(entry.getValue().listing(), symbol, timeframe))
        .findFirst()
        .flatMap(entry -> current(entry.getKey()))
        .flatMap(listing ->
            listing instanceof Listing.Available(Dataset dataset)
                    && isOf(listing, symbol, timeframe)
                ? Optional.of(dataset)
                : Optional.empty());
  }

  private static boolean isOf(Listing listing, String symbol, Timeframe timeframe) {
    return listing instanceof Listing.Available(Dataset dataset)
        && dataset.symbol().equals(symbol)
        && dataset.timeframe() == timeframe;
  }

  /**
   * The file's bytes, as they were when {@code dataset} was listed.
   *
   * @throws MarketDataException {@code DATA_CHANGED} when they are no longer the same
   */
  public byte[] bytes(Dataset dataset) {
    byte[] bytes = read(dataset.file());
    if (!Sha256.of(bytes).equals(dataset.sha256())) {
      throw new MarketDataException(
          "DATA_CHANGED",
          "%s changed while it was being used; submit again to use the new prices"
              .formatted(dataset.file().getFileName()));
    }
    return bytes;
  }

  /** Looks at a file anew when it is asked for next. */
  void forget(Path file) {
    entries.remove(file);
  }

  /**
   * @throws MarketDataException DATA_TOO_LARGE when there are as many files as are listed
   */
  void requireRoom() {
    if (csvFiles().size() >= FILES_MAX) {
      throw new MarketDataException(
          "DATA_TOO_LARGE",
          "the data directory has %d CSV files, which is the most; remove some"
              .formatted(FILES_MAX));
    }
  }

  private List<Path> csvFiles() {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.csv")) {
      for (Path file : found) {
        if (files.size() == FILES_MAX) {
          throw unreadable("it has more than " + FILES_MAX + " CSV files", null);
        }
        files.add(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw unreadable("it cannot be read", e);
    }
    files.sort(Comparator.naturalOrder());
    return files;
  }

  private MarketDataException unreadable(String why, @Nullable Exception e) {
    String message =
        "cannot list the data directory, %s; set KTRDR_DATA_DIR to a readable folder of CSV files"
            .formatted(why);
    return e == null
        ? new MarketDataException("DATA_DIRECTORY_UNREADABLE", message)
        : new MarketDataException("DATA_DIRECTORY_UNREADABLE", message, e);
  }

  /** Empty when the file went away or is not a regular file. */
  private Optional<Listing> current(Path file) {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException _) {
      return Optional.empty();
    }
    if (!now.isRegularFile()) {
      return Optional.empty();
    }
    Entry entry =
        entries.compute(
            file,
            (path, known) ->
                known != null
                        && known.size() == now.size()
                        && known.modified().equals(now.lastModifiedTime())
                    ? known
                    : new Entry(now.lastModifiedTime(), now.size(), examine(path)));
    return Optional.of(Objects.requireNonNull(entry).listing());
  }

  private static Listing examine(Path file) {
    String name = String.valueOf(file.getFileName());
    Matcher parts = FILE_NAME.matcher(name);
    Optional<Timeframe> timeframe =
        parts.matches() ? Timeframe.find(parts.group("timeframe")) : Optional.empty();
    if (timeframe.isEmpty()) {
      return new Listing.Damaged(
          name,
          "DATA_FILE_NAME",
          "%s: name it SYMBOL_TIMEFRAME.csv, e.g. EURUSD_1d.csv (symbol: letters, digits, '_', '.', '-'; timeframes: %s)"
              .formatted(name, Timeframe.validNames()));
    }
    if (leadsOut(file)) {
      return new Listing.Damaged(
          name,
          "DATA_UNREADABLE",
          "%s: is a link out of the data directory; copy the file into it".formatted(name));
    }
    try {
      byte[] bytes = read(file);
      CsvBarReader.Content content =
          CsvBarReader.readContent(
              bytes, parts.group("symbol"), timeframe.get(), ReadOptions.STANDARD);
      return new Listing.Available(Dataset.of(file, Sha256.of(bytes), content));
    } catch (MarketDataException e) {
      return new Listing.Damaged(name, e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static boolean leadsOut(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      return folder == null || !file.toRealPath().startsWith(folder.toRealPath());
    } catch (IOException e) {
      return true;
    }
  }

  private static byte[] read(Path file) {
    try {
      long size = Files.size(file);
      if (size > CsvBarReader.FILE_BYTES_MAX) {
        throw new MarketDataException(
            "DATA_TOO_LARGE",
            "%s: %d bytes, at most %d are read"
                .formatted(file.getFileName(), size, CsvBarReader.FILE_BYTES_MAX));
      }
      return Files.readAllBytes(file);
    } catch (IOException | UncheckedIOException e) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: cannot be read; check its permissions".formatted(file.getFileName()),
          e);
    }
  }

  private static MarketDataException unknown(
      String symbol, Timeframe timeframe, List<Listing> listings) {
    List<Dataset> datasets =
        listings.stream()
            .filter(Listing.Available.class::isInstance)
            .map(listing -> ((Listing.Available) listing).dataset())
            .toList();
    List<String> timeframes =
        datasets.stream()
            .filter(dataset -> dataset.symbol().equals(symbol))
            .map(dataset -> dataset.timeframe().wireName())
            .toList();
    if (!timeframes.isEmpty()) {
      return new MarketDataException(
          "TIMEFRAME_UNKNOWN",
          "no %s bars of %s; there are: %s"
              .formatted(timeframe, symbol, String.join(", ", timeframes)));
    }
    List<String> symbols = datasets.stream().map(Dataset::symbol).distinct().toList();
    String hint = NearestNames.hint(symbol, symbols);
    return new MarketDataException(
        "SYMBOL_UNKNOWN",
        "no data for symbol '%s'%s"
            .formatted(
                CsvBarReader.shortened(symbol),
                hint.isEmpty()
                    ? "; there are: " + (symbols.isEmpty() ? "none" : String.join(", ", symbols))
                    : hint));
  }
}
