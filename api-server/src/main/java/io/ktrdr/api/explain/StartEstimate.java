package io.ktrdr.api.explain;

import io.ktrdr.protocol.Demand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * When an operation may start or end, from how long the last runs of its type took. Pure: the same
 * input gives the same answer.
 *
 * <p>A start is simulated again and again: every busy worker goes on for as long as a past run did
 * that had lasted as long as this one has, everything ahead takes the first worker that is free and
 * can hold it, for as long as some past run took. The 10th, 50th and 90th percentile of the starts
 * are the answer.
 */
final class StartEstimate {

  /** Fewer runs than this say nothing. */
  static final int HISTORY_MIN = 5;

  /** Older runs are not asked. */
  static final int HISTORY_MAX = 200;

  /** A longer queue is not simulated. */
  static final int AHEAD_MAX = 20_000;

  private static final int REPLICAS = 400;
  private static final int REPLICAS_MIN = 50;

  /** Looks at a worker, over all simulations: about a tenth of a second. */
  private static final long STEPS_MAX = 40_000_000;

  private static final long SEED = 20_251_110;
  private static final double EARLIEST = 0.1;
  private static final double LATEST = 0.9;
  private static final double HUNDRED = 100;

  /** Below this the pace of a run is noise. */
  private static final double PERCENTAGE_MIN = 1;

  private final double[] history;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private StartEstimate(List<Double> history) {
    this.history = history.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  /** What can be said. */
  sealed interface Estimate {}

  /**
   * Seconds from now.
   *
   * @param method how it was found, in a sentence
   */
  record Interval(double earliest, double median, double latest, int basedOnRuns, String method)
      implements Estimate {}

  /**
   * @param why in a sentence
   */
  record None(String why) implements Estimate {}

  /**
   * A worker.
   *
   * @param busySeconds how long it has been busy; null when it is free
   * @param percentage how far it is with that; null when unknown
   */
  record Lane(@Nullable Double busySeconds, @Nullable Double percentage) {}

  /**
   * The start of an operation.
   *
   * @param history durations in seconds
   * @param ahead for each operation that comes first, in order, the lanes that can hold it
   * @param own the lanes that can hold the operation asked about; at least one
   */
  static Estimate start(List<Double> history, List<Lane> lanes, List<BitSet> ahead, BitSet own) {
    if (history.size() < HISTORY_MIN) {
      return tooFew(history);
    }
    long replicas = Math.min(REPLICAS, STEPS_MAX / ((ahead.size() + 1L) * lanes.size()));
    if (ahead.size() > AHEAD_MAX || replicas < REPLICAS_MIN) {
      return new None("too many operations are ahead to simulate them");
    }
    StartEstimate estimate = new StartEstimate(history);
    double[] starts = new double[(int) replicas];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = estimate.simulate(lanes, ahead, own);
    }
    return interval(
        starts,
        history.size(),
        "%d simulations of the queue over the workers; durations drawn from the last completed runs of the type; 10th to 90th percentile"
            .formatted(replicas));
  }

  /**
   * The end of a run that has lasted a while. The further it is, the more its own pace counts and
   * the less what others took.
   *
   * @param percentage null when it does not say
   */
  static Estimate end(List<Double> history, double lasted, @Nullable Double percentage) {
    if (history.size() < HISTORY_MIN) {
      return tooFew(history);
    }
    StartEstimate estimate = new StartEstimate(history);
    double known = percentage == null ? 0 : Math.min(HUNDRED, percentage);
    boolean pace = known >= PERCENTAGE_MIN;
    double atItsPace = pace ? lasted * (HUNDRED - known) / known : 0;
    double weight = pace ? known / HUNDRED : 0;
    double[] longer = estimate.longerThan(lasted);
    double[] left;
    if (longer.length > 0) {
      left =
          Arrays.stream(longer)
              .map(total -> (1 - weight) * (total - lasted) + weight * atItsPace)
              .toArray();
    } else if (pace) {
      double median = estimate.history[estimate.history.length / 2];
      left =
          Arrays.stream(estimate.history)
              .map(total -> median > 0 ? atItsPace * total / median : atItsPace)
              .toArray();
    } else {
      return new None(
          "it has lasted longer than any of the last %d runs, and does not say how far it is"
              .formatted(history.size()));
    }
    return interval(
        left,
        history.size(),
        "past runs of the type that lasted as long, and the run's own pace the more the further it"
            + " is; 10th to 90th percentile");
  }

  private static None tooFew(List<Double> history) {
    return new None(
        history.size() == 1
            ? "only 1 run so far"
            : "only %d runs so far".formatted(history.size()));
  }

  private double simulate(List<Lane> lanes, List<BitSet> ahead, BitSet own) {
    double[] freeAt = new double[lanes.size()];
    for (int lane = 0; lane < freeAt.length; lane++) {
      freeAt[lane] = left(lanes.get(lane));
    }
    for (BitSet able : ahead) {
      int lane = firstFree(freeAt, able);
      if (lane >= 0) {
        freeAt[lane] += drawn(history);
      }
    }
    return freeAt[firstFree(freeAt, own)];
  }

  /** How long a worker goes on. */
  private double left(Lane lane) {
    if (lane.busySeconds() == null) {
      return 0;
    }
    double lasted = lane.busySeconds();
    double[] longer = longerThan(lasted);
    if (longer.length > 0) {
      return drawn(longer) - lasted;
    }
    Double percentage = lane.percentage();
    // Longer than any before and silent about it: as if it had just begun.
    return percentage == null || percentage < PERCENTAGE_MIN
        ? drawn(history)
        : lasted * Math.max(0, HUNDRED - percentage) / percentage;
  }

  private double[] longerThan(double seconds) {
    int first = 0;
    while (first < history.length && history[first] <= seconds) {
      first++;
    }
    return Arrays.copyOfRange(history, first, history.length);
  }

  private double drawn(double[] values) {
    return values[random.nextInt(values.length)];
  }

  /** The lane among those able that is free first; -1 when none is able. */
  private static int firstFree(double[] freeAt, BitSet able) {
    int best = -1;
    for (int lane = able.nextSetBit(0); lane >= 0; lane = able.nextSetBit(lane + 1)) {
      if (best < 0 || freeAt[lane] < freeAt[best]) {
        best = lane;
      }
    }
    return best;
  }

  private static Interval interval(double[] seconds, int runs, String method) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return new Interval(
        percentile(sorted, EARLIEST),
        percentile(sorted, 0.5),
        percentile(sorted, LATEST),
        runs,
        method);
  }

  /** Nearest rank. */
  private static double percentile(double[] sorted, double fraction) {
    return sorted[Math.max(0, (int) Math.ceil(fraction * sorted.length) - 1)];
  }

  /** Of a waiting operation. */
  static Estimate of(Situation situation) {
    List<Situation.Worker> workers =
        situation.workers().stream().filter(Situation.Worker::alive).toList();
    List<Lane> lanes = new ArrayList<>();
    for (Situation.Worker worker : workers) {
      Double busy = worker.busySeconds();
      // Busy with what has no run yet: it has just begun.
      lanes.add(
          new Lane(busy == null && worker.busy() ? Double.valueOf(0) : busy, worker.percentage()));
    }
    Map<Demand, BitSet> able = new HashMap<>();
    List<BitSet> ahead = new ArrayList<>();
    for (Demand demand : situation.jobsAhead()) {
      ahead.add(able.computeIfAbsent(demand, wanted -> ableOf(workers, wanted)));
    }
    return start(situation.history(), lanes, ahead, ableOf(workers, situation.demand()));
  }

  private static BitSet ableOf(List<Situation.Worker> workers, Demand demand) {
    BitSet able = new BitSet();
    for (int i = 0; i < workers.size(); i++) {
      able.set(i, workers.get(i).unable(demand).isEmpty());
    }
    return able;
  }
}
