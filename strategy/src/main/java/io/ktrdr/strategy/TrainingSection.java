package io.ktrdr.strategy;

import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import io.ktrdr.strategy.TrainingSettings.Split;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code training} and {@code model.training} into one answer: what {@code training} says
 * wins, then {@code model.training}, then the default.
 */
final class TrainingSection {

  static final int EPOCHS_MAX = 10_000;
  static final int BATCH_MAX = 65_536;

  /** Slack for shares written as decimals. */
  private static final double SPLIT_TOLERANCE = 1e-9;

  private static final String NOT_HERE = "not supported yet";

  private final YamlMap top;
  private final YamlMap nested;

  TrainingSection(YamlMap top, YamlMap nested) {
    this.top = top;
    this.nested = nested;
  }

  TrainingSettings read() {
    int epochs = whole("epochs", 100, 1, EPOCHS_MAX);
    int batchSize = whole("batch_size", 32, 1, BATCH_MAX);
    double learningRate = real("learning_rate", 0.001, Interval.above(0, 1));
    String optimizer = top.word("optimizer", nested.word("optimizer", "adam", names()), names());
    double weightDecay = real("weight_decay", 1e-4, Interval.below(0, 1));
    double gradientClip = real("gradient_clip", 1.0, Interval.closed(0, 1e6));
    EarlyStopping early = readEarlyStopping(nested, readEarlyStopping(top, null));
    long seed = top.whole("seed", nested.whole("seed", 42L, min(), max()), min(), max());
    refuseUnsupported(top);
    refuseUnsupported(nested);
    nested.finish("KEY_UNKNOWN");
    LabelSettings labels = readLabels(top.mapOrAbsent("labels"));
    Split split = readSplit(top.mapOrAbsent("data_split"));
    top.accept("method", "description");
    top.finish("KEY_UNKNOWN");
    return new TrainingSettings(
        epochs,
        batchSize,
        learningRate,
        Optimizer.valueOf(optimizer.toUpperCase(Locale.ROOT)),
        weightDecay,
        gradientClip,
        early,
        labels,
        split,
        seed);
  }

  private int whole(String key, int standard, int min, int max) {
    return top.whole(key, nested.whole(key, standard, min, max), min, max);
  }

  private double real(String key, double standard, Interval interval) {
    return top.real(key, nested.real(key, standard, interval), interval);
  }

  private static long min() {
    return -999_999_999_999_999_999L;
  }

  private static long max() {
    return 999_999_999_999_999_999L;
  }

  private static List<String> names() {
    return List.of("adam", "sgd", "rmsprop");
  }

  private static @Nullable EarlyStopping readEarlyStopping(
      YamlMap section, @Nullable EarlyStopping stronger) {
    YamlMap map = section.map("early_stopping");
    if (map == null) {
      return stronger;
    }
    boolean enabled = map.bool("enabled", true);
    map.word("monitor", "val_loss", List.of("val_loss"));
    EarlyStopping read =
        new EarlyStopping(
            map.whole("patience", 10, 1, EPOCHS_MAX),
            map.real("min_delta", 1e-4, Interval.closed(0, 1)));
    map.finish("KEY_UNKNOWN");
    if (stronger != null) {
      return stronger;
    }
    return enabled ? read : null;
  }

  private static void refuseUnsupported(YamlMap section) {
    section.word("loss", "cross_entropy", List.of("cross_entropy"));
    for (String key : List.of("lr_scheduler", "focal_gamma", "huber_delta")) {
      if (section.has(key)) {
        section.problem(key, "FEATURE_UNSUPPORTED", NOT_HERE + "; remove it");
      }
    }
  }

  private static LabelSettings readLabels(YamlMap map) {
    String source =
        map.word("source", "zigzag", List.of("zigzag", "forward_return", "triple_barrier"));
    LabelSettings labels =
        switch (source) {
          case "forward_return" ->
              new LabelSettings.ForwardReturn(
                  map.whole("horizon", 20, 1, 1000),
                  map.real("threshold", 0.005, Interval.open(0, 1)));
          case "triple_barrier" ->
              new LabelSettings.TripleBarrier(
                  map.real("pt_multiplier", 2.0, Interval.above(0, 100)),
                  map.real("sl_multiplier", 1.5, Interval.above(0, 100)),
                  map.whole("max_holding_period", 50, 1, 1000),
                  map.whole("vol_span", 50, 2, 1000));
          default ->
              new LabelSettings.Zigzag(
                  map.real("zigzag_threshold", 0.02, Interval.open(0, 1)),
                  map.whole("label_lookahead", 10, 1, 1000));
        };
    map.finish("KEY_UNKNOWN");
    return labels;
  }

  private static Split readSplit(YamlMap map) {
    Interval share = Interval.open(0, 1);
    Split split =
        new Split(
            map.real("train", 0.7, share),
            map.real("validation", 0.15, share),
            map.real("test", 0.15, share));
    map.finish("KEY_UNKNOWN");
    double sum = split.train() + split.validation() + split.test();
    if (Math.abs(sum - 1) > SPLIT_TOLERANCE) {
      map.problem(
          "train",
          "SPLIT_INVALID",
          "train %s + validation %s + test %s is %s, must be 1"
              .formatted(split.train(), split.validation(), split.test(), (float) sum));
    }
    return split;
  }
}
