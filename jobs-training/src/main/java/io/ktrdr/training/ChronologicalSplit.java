package io.ktrdr.training;

/**
 * One symbol's labelled rows, cut by time into training, validation and test.
 *
 * <p>The oldest rows train, the newest test. Between the parts is a gap: a row whose label could
 * only be told at or after the beginning of the next part is dropped, so no part has seen prices
 * that judge it. With zigzag labels the gap is as long as the leg that was running at the cut.
 *
 * <p>A sequence of bars lies within one part: a row of validation or test whose sequence begins
 * before its part is dropped, so no bar's features serve in two parts.
 *
 * @param purged rows dropped for the gaps and at the beginnings of parts
 */
record ChronologicalSplit(Samples train, Samples validation, Samples test, int purged) {

  static ChronologicalSplit of(LabelledRows rows, SplitTimes times) {
    int trainEnd = rows.firstAtOrAfter(times.validationFrom());
    int validationEnd = rows.firstAtOrAfter(times.testFrom());
    int trainKept = withoutLate(rows, 0, trainEnd, times.validationFrom());
    int validationStart = rows.firstWithin(trainEnd, validationEnd, times.validationFrom());
    int validationKept = withoutLate(rows, validationStart, validationEnd, times.testFrom());
    int testStart = rows.firstWithin(validationEnd, rows.count(), times.testFrom());
    int kept = trainKept + validationKept - validationStart + rows.count() - testStart;
    return new ChronologicalSplit(
        rows.samples(0, trainKept),
        rows.samples(validationStart, validationKept),
        rows.samples(testStart, rows.count()),
        rows.count() - kept);
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
