package io.ktrdr.api.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.api.explain.StartEstimate.Estimate;
import io.ktrdr.api.explain.StartEstimate.Interval;
import io.ktrdr.api.explain.StartEstimate.Lane;
import io.ktrdr.api.explain.StartEstimate.None;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StartEstimateTest {

  private static final List<Double> ALWAYS_TEN = filled(20, 10);

  /** 1, 2, 3 … 100 seconds. */
  private static final List<Double> SPREAD =
      IntStream.rangeClosed(1, 100).asDoubleStream().boxed().toList();

  private static final Lane FREE = new Lane(null, null);

  @Test
  void oneWorkerAndConstantDurationsGiveWhatOneWouldReckonByHand() {
    // 6 s are left of what runs, then two of 10 s.
    assertExactly(start(ALWAYS_TEN, List.of(busy(4)), queue(2, 0)), 26);
    assertExactly(start(ALWAYS_TEN, List.of(busy(4)), queue(0)), 6);
    assertExactly(start(ALWAYS_TEN, List.of(FREE), queue(0)), 0);
    assertExactly(start(ALWAYS_TEN, List.of(FREE), queue(3, 0)), 30);
  }

  @Test
  void twoWorkersShareTheQueue() {
    // Free at 2 and 6; the two ahead take them until 12 and 16.
    assertExactly(start(ALWAYS_TEN, List.of(busy(4), busy(8)), queue(2, 0, 1)), 12);
  }

  @Test
  void onlyWorkersThatCanHoldAnOperationCount() {
    List<Lane> lanes = List.of(FREE, busy(3));
    BitSet second = lanes(1);
    // The free one is of no use to this operation, and the one ahead takes it.
    assertExactly(StartEstimate.start(ALWAYS_TEN, lanes, List.of(lanes(0, 1)), second), 7);
    // What nobody can hold keeps nobody busy.
    assertExactly(StartEstimate.start(ALWAYS_TEN, lanes, List.of(new BitSet()), second), 7);
  }

  @Test
  void aWorkerThatHasLastedLongGoesOnAsLongRunsDid() {
    Interval interval = interval(start(SPREAD, List.of(busy(90)), queue(0)));
    // Of the runs that lasted more than 90 s: 1 to 10 s more.
    assertThat(interval.earliest()).isBetween(1.0, 3.0);
    assertThat(interval.median()).isBetween(4.0, 7.0);
    assertThat(interval.latest()).isBetween(8.0, 10.0);
    assertThat(interval.basedOnRuns()).isEqualTo(100);
  }

  @Test
  void aWorkerThatHasLastedLongerThanAnyGoesByItsOwnPace() {
    assertExactly(start(ALWAYS_TEN, List.of(new Lane(30.0, 75.0)), queue(0)), 10);
    assertExactly(start(ALWAYS_TEN, List.of(new Lane(30.0, null)), queue(0)), 10);
  }

  @Test
  void theSameInputGivesTheSameAnswer() {
    List<Lane> lanes = List.of(busy(5), busy(50), FREE);
    Estimate first = start(SPREAD, lanes, queue(7, 0, 1, 2));
    assertThat(start(SPREAD, lanes, queue(7, 0, 1, 2))).isEqualTo(first);
    Interval interval = interval(first);
    assertThat(interval.earliest()).isLessThan(interval.median());
    assertThat(interval.median()).isLessThan(interval.latest());
  }

  @Test
  void tooLittleHistoryOrTooLongAQueueGivesNoEstimate() {
    assertThat(start(filled(1, 10), List.of(FREE), queue(0)))
        .isEqualTo(new None("only 1 run so far"));
    assertThat(start(filled(4, 10), List.of(FREE), queue(0)))
        .isEqualTo(new None("only 4 runs so far"));
    assertThat(StartEstimate.end(List.of(), 1, null)).isEqualTo(new None("only 0 runs so far"));
    assertThat(start(ALWAYS_TEN, List.of(FREE), queue(StartEstimate.AHEAD_MAX + 1, 0)))
        .isInstanceOf(None.class);
    // Long queues and many workers together are too much as well.
    List<Lane> many = Collections.nCopies(1000, FREE);
    assertThat(start(ALWAYS_TEN, many, queue(StartEstimate.AHEAD_MAX, 0))).isInstanceOf(None.class);
    assertThat(start(ALWAYS_TEN, many, queue(100, 0))).isInstanceOf(Interval.class);
  }

  @Test
  void theFurtherARunIsTheMoreItsOwnPaceCounts() {
    // Half done after 20 s: 20 s to go at its pace; the runs that lasted longer took 40 s.
    List<Double> history = List.of(5.0, 5.0, 5.0, 5.0, 40.0);
    assertExactly(StartEstimate.end(history, 20, 0.0), 20);
    assertExactly(StartEstimate.end(history, 20, null), 20);
    assertExactly(StartEstimate.end(history, 10, 50.0), 0.5 * 30 + 0.5 * 10);
    assertExactly(StartEstimate.end(history, 10, 100.0), 0);
  }

  @Test
  void aRunThatLastedLongerThanAnyEndsByItsPaceOrUnknown() {
    assertExactly(StartEstimate.end(ALWAYS_TEN, 30, 75.0), 10);
    assertThat(StartEstimate.end(ALWAYS_TEN, 30, null))
        .isInstanceOfSatisfying(
            None.class, none -> assertThat(none.why()).contains("last 20 runs"));
  }

  private static void assertExactly(Estimate estimate, double seconds) {
    Interval interval = interval(estimate);
    assertThat(interval.earliest()).isEqualTo(seconds);
    assertThat(interval.median()).isEqualTo(seconds);
    assertThat(interval.latest()).isEqualTo(seconds);
  }

  private static Interval interval(Estimate estimate) {
    assertThat(estimate).isInstanceOf(Interval.class);
    return (Interval) estimate;
  }

  /** The operation asked about may take the same lanes as those ahead. */
  private static Estimate start(List<Double> history, List<Lane> lanes, List<BitSet> queue) {
    return StartEstimate.start(history, lanes, queue.subList(0, queue.size() - 1), queue.getLast());
  }

  /** So many ahead and the operation itself, all for these lanes. */
  private static List<BitSet> queue(int ahead, int... lanes) {
    return Collections.nCopies(ahead + 1, lanes.length == 0 ? lanes(0) : lanes(lanes));
  }

  private static BitSet lanes(int... lanes) {
    BitSet set = new BitSet();
    Arrays.stream(lanes).forEach(set::set);
    return set;
  }

  private static Lane busy(double seconds) {
    return new Lane(seconds, null);
  }

  private static List<Double> filled(int length, double value) {
    return Collections.nCopies(length, value);
  }
}
