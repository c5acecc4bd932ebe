package io.ktrdr.strategy;

/** Numbers a setting may have. */
record Interval(double min, boolean minAllowed, double max, boolean maxAllowed) {

  static Interval closed(double min, double max) {
    return new Interval(min, true, max, true);
  }

  static Interval above(double min, double max) {
    return new Interval(min, false, max, true);
  }

  static Interval open(double min, double max) {
    return new Interval(min, false, max, false);
  }

  static Interval below(double min, double max) {
    return new Interval(min, true, max, false);
  }

  boolean contains(double x) {
    return (minAllowed ? x >= min : x > min) && (maxAllowed ? x <= max : x < max);
  }

  @Override
  public String toString() {
    return "%s %s and %s %s"
        .formatted(minAllowed ? "from" : "above", min, maxAllowed ? "up to" : "below", max);
  }
}
