package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What cannot be known from a file itself.
 *
 * @param zone of times that name none
 * @param layout the file must have; empty: whichever it has
 * @param prices which of two kinds of prices are meant, where a file has both
 * @param duplicates what is done about a time that comes twice
 */
public record ReadOptions(
    ZoneId zone, Optional<Layout> layout, Prices prices, Duplicates duplicates) {

  /** How files of the data directory are read. */
  public static final ReadOptions STANDARD =
      new ReadOptions(ZoneOffset.UTC, Optional.empty(), Prices.RAW, Duplicates.REJECT);

  public ReadOptions {
    requireNonNull(zone, "zone is null");
    requireNonNull(layout, "layout is null");
    requireNonNull(prices, "prices is null");
    requireNonNull(duplicates, "duplicates is null");
  }

  /** Prices as columns have them, or multiplied by what {@code Adj Close} is to {@code Close}. */
  public enum Prices {
    RAW("raw"),
    ADJUSTED("adjusted");

    public static final List<String> WORDS = Arrays.stream(values()).map(Prices::wireName).toList();

    private final String wireName;

    Prices(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    public static Optional<Prices> find(String word) {
      return Arrays.stream(values()).filter(prices -> prices.wireName.equals(word)).findFirst();
    }
  }

  /** Rows with the time of the row before. */
  public enum Duplicates {
    /** The file is refused. */
    REJECT("reject"),
    /** The last of them counts. */
    KEEP_LAST("keep_last");

    public static final List<String> WORDS =
        Arrays.stream(values()).map(Duplicates::wireName).toList();

    private final String wireName;

    Duplicates(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    public static Optional<Duplicates> find(String word) {
      return Arrays.stream(values()).filter(policy -> policy.wireName.equals(word)).findFirst();
    }
  }
}
