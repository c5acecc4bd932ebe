package io.ktrdr.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Permutation importance: what a classifier loses when one feature tells it nothing any more,
 * because its values are shuffled among the rows, or among the bars of rows that are sequences.
 *
 * <p>The metric is the balanced accuracy of the unshuffled rows minus that of the shuffled ones,
 * mean of {@value #SHUFFLES} shuffles, with their standard deviation (divided by n). Below 0 the
 * model is better without; features that say the same cover for each other, so all of them may show
 * little. All symbols' rows are shuffled together. The shuffles come from {@link Random} with the
 * training's seed, feature by feature: equal inputs give equal figures.
 *
 * @param rows that were used
 * @param ofRows that there are
 * @param balancedAccuracy of the rows that were used, unshuffled
 * @param drops one per feature, the largest mean first, equal ones in the features' order
 */
record FeatureImportance(
    int rows, int ofRows, double balancedAccuracy, long seed, List<Drop> drops) {

  /** Times each feature is shuffled. */
  static final int SHUFFLES = 5;

  /** Most rows that are used; of more, as many at even distances, of sequences the newest. */
  static final int ROWS_MAX = 20_000;

  /**
   * Most multiplications of all shuffles together, some ten seconds; a large network gets fewer
   * rows.
   */
  static final long MULTIPLICATIONS_MAX = 10_000_000_000L;

  /** A network so large that fewer rows are left is not looked at. */
  static final int ROWS_MIN = 100;

  /** What one feature is worth. */
  record Drop(String feature, double mean, double deviation) {}

  FeatureImportance {
    drops = List.copyOf(drops);
  }

  /**
   * How many of the rows are used; 0 of a network that is too large.
   *
   * @param multiplications for one row
   */
  static int affordable(int rows, int features, long multiplications) {
    long aRow = Math.multiplyExact(SHUFFLES * (long) features, multiplications);
    long most = Math.min(ROWS_MAX, MULTIPLICATIONS_MAX / Math.max(1, aRow));
    return most < ROWS_MIN ? 0 : (int) Math.min(rows, most);
  }

  /**
   * @param samples what the classifier has not learnt from
   * @param rows how many of them are used, at least one
   * @param classifier probabilities, rows × classes, of rows of features
   */
  static FeatureImportance of(
      List<String> features,
      Samples samples,
      int rows,
      long seed,
      Function<Samples, float[]> classifier) {
    Samples used = thinned(samples, rows);
    double plain = balancedAccuracy(used, classifier);
    Random random = new Random(seed);
    List<Drop> drops = new ArrayList<>();
    for (int column = 0; column < features.size(); column++) {
      double[] lost = new double[SHUFFLES];
      for (int i = 0; i < SHUFFLES; i++) {
        lost[i] = plain - balancedAccuracy(shuffled(used, column, random), classifier);
      }
      drops.add(drop(features.get(column), lost));
    }
    drops.sort(Comparator.comparingDouble(Drop::mean).reversed());
    return new FeatureImportance(used.rows(), samples.rows(), plain, seed, drops);
  }

  private static Drop drop(String feature, double[] lost) {
    double mean = 0;
    for (double one : lost) {
      mean += one / lost.length;
    }
    double squares = 0;
    for (double one : lost) {
      squares += (one - mean) * (one - mean);
    }
    return new Drop(feature, mean, Math.sqrt(squares / lost.length));
  }

  private static double balancedAccuracy(Samples samples, Function<Samples, float[]> classifier) {
    float[] probabilities = classifier.apply(samples);
    float[] unweighted = new float[probabilities.length / samples.rows()];
    Arrays.fill(unweighted, 1);
    return Evaluation.of(probabilities, samples.classes(), unweighted, 0).balancedAccuracy();
  }

  private static Samples thinned(Samples all, int rows) {
    if (rows >= all.rows()) {
      return all;
    }
    return all.sequence() == 1 ? atEvenDistances(all, rows) : newest(all, rows);
  }

  private static Samples atEvenDistances(Samples all, int rows) {
    int columns = all.columns();
    float[] features = new float[rows * columns];
    byte[] classes = new byte[rows];
    for (int i = 0; i < rows; i++) {
      int row = (int) ((long) i * all.rows() / rows);
      System.arraycopy(all.features(), row * columns, features, i * columns, columns);
      classes[i] = all.classes()[row];
    }
    return new Samples(features, columns, classes);
  }

  /** Sequences share their bars, so those that are next to each other are the cheapest. */
  private static Samples newest(Samples all, int rows) {
    int first = all.rows() - rows;
    int firstBar = all.lastBars()[first] - all.sequence() + 1;
    int[] lastBars = Arrays.copyOfRange(all.lastBars(), first, all.rows());
    for (int i = 0; i < rows; i++) {
      lastBars[i] -= firstBar;
    }
    return new Samples(
        Arrays.copyOfRange(all.features(), firstBar * all.columns(), all.features().length),
        all.columns(),
        all.sequence(),
        lastBars,
        Arrays.copyOfRange(all.classes(), first, all.rows()),
        all.returns());
  }

  private static Samples shuffled(Samples samples, int column, Random random) {
    int columns = samples.columns();
    float[] features = samples.features().clone();
    for (int i = samples.bars() - 1; i > 0; i--) {
      int here = i * columns + column;
      int there = random.nextInt(i + 1) * columns + column;
      float kept = features[here];
      features[here] = features[there];
      features[there] = kept;
    }
    return new Samples(
        features,
        columns,
        samples.sequence(),
        samples.lastBars(),
        samples.classes(),
        samples.returns());
  }

  ObjectNode json() {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("part", "test").put("rows", rows).put("rows_of_part", ofRows);
    json.put("metric", "balanced_accuracy").put("metric_value", balancedAccuracy);
    json.put("shuffles", SHUFFLES).put("seed", seed);
    ArrayNode features = json.putArray("features");
    for (Drop drop : drops) {
      features
          .addObject()
          .put("feature", drop.feature())
          .put("drop", drop.mean())
          .put("drop_std", drop.deviation());
    }
    json.put(
        "convention",
        "metric_value minus the metric with the feature's values shuffled among the rows: mean and"
            + " standard deviation (divided by n) of the shuffles");
    return json;
  }
}
