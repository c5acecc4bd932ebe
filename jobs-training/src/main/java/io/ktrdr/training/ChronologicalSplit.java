package io.ktrdr.training;

/**
 * One symbol's labelled rows, cut by time into training, validation and test.
 *
 * <p>The oldest rows train, the newest test. Between the parts is a gap: a row whose label could
 * only be told at or after the beginning of the next part is dropped, so no part has seen prices
 * that judge it. With zigzag labels the gap is as long as the leg that was running at the cut.
 *
 * @param purged rows dropped for the gaps
 */
record ChronologicalSplit(Samples train, Samples validation, Samples test, int purged) {

  static ChronologicalSplit of(LabelledRows rows, SplitTimes times) {
    int trainEnd = rows.firstAtOrAfter(times.validationFrom());
    int validationEnd = rows.firstAtOrAfter(times.testFrom());
    int trainKept = withoutLate(rows, 0, trainEnd, times.validationFrom());
    int validationKept = withoutLate(rows, trainEnd, validationEnd, times.testFrom());
    return new ChronologicalSplit(
        rows.samples(0, trainKept),
        rows.samples(trainEnd, validationKept),
        rows.samples(validationEnd, rows.count()),
        trainEnd - trainKept + validationEnd - validationKept);
  }

  /** End of the rows from {@code start} whose labels were known before {@code next}. */
  private static int withoutLate(LabelledRows rows, int start, int end, long next) {
    int kept = end;
    while (kept > start && rows.knownAt(kept - 1) >= next) {
      kept--;
    }
    return kept;
  }
}
