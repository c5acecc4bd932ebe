package io.ktrdr.market;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whose way of writing bars a file follows. */
public enum Layout {
  /** {@code timestamp,open,high,low,close,volume}. */
  KTRDR("ktrdr"),
  /** {@code Date,Open,High,Low,Close,Adj Close,Volume}. */
  YAHOO("yahoo"),
  /** {@code 2020.01.02,00:00,open,high,low,close,volume}, without a header. */
  METATRADER4("metatrader4"),
  /** {@code <DATE> <TIME> <OPEN> … <TICKVOL> <VOL> <SPREAD>}, separated by tabs. */
  METATRADER5("metatrader5"),
  /** Any other header whose names are known. */
  GENERIC("generic");

  /** As written in JSON. */
  public static final List<String> WORDS = Arrays.stream(values()).map(Layout::wireName).toList();

  private final String wireName;

  Layout(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  public static Optional<Layout> find(String word) {
    return Arrays.stream(values()).filter(layout -> layout.wireName.equals(word)).findFirst();
  }

  @Override
  public String toString() {
    return wireName;
  }
}
