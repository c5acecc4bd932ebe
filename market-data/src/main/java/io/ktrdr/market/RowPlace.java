package io.ktrdr.market;

/**
 * Which row of which series is looked at. It is put into words only when something is wrong there,
 * because the words of a million rows take longer than their numbers. Not thread-safe.
 */
final class RowPlace {

  private final String series;
  private final String kind;
  private long number;

  /**
   * @param kind of what is counted, such as "line"
   */
  RowPlace(String series, String kind) {
    this.series = series;
    this.kind = kind;
  }

  /** This place, at that row now. */
  RowPlace at(long number) {
    this.number = number;
    return this;
  }

  @Override
  public String toString() {
    return series + ", " + kind + " " + number;
  }
}
