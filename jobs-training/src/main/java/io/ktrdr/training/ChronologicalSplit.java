package io.ktrdr.training;

/**
 * One symbol's labelled rows, cut by time into training, validation and test.
 *
 * <p>The oldest rows train, the newest test. Between the parts is a gap: a row whose label could
 * only be told at or after the beginning of the next part is dropped, so no part has seen prices
 * that judge it. With zigzag labels the gap is as long as the leg that was running at the cut; with
 * barriers it has holes, as one row's label may be told before an older one's. An embargo widens
 * it: then a label of the earlier part must be known before its newest rows, too.
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
    int validationStart = rows.firstWithin(trainEnd, validationEnd, times.validationFrom());
    int testStart = rows.firstWithin(validationEnd, rows.count(), times.testFrom());
    Samples train = rows.samples(0, trainEnd, times.trainKnownBefore());
    Samples validation =
        rows.samples(validationStart, validationEnd, times.validationKnownBefore());
    Samples test = rows.samples(testStart, rows.count(), SplitTimes.NEVER);
    int purged = rows.count() - train.rows() - validation.rows() - test.rows();
    return new ChronologicalSplit(train, validation, test, purged);
  }
}
