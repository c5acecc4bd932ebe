package io.ktrdr.strategy;

import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import io.ktrdr.strategy.TrainingSettings.Monitor;
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

  /** Largest whole number of YAML as {@link YamlMap} reads it. */
  private static final long SEED_MAX = 999_999_999_999_999_999L;

  /** Slack for shares written as decimals. */
  private static final double SPLIT_TOLERANCE = 1e-9;

  private final YamlMap top;
  private final YamlMap nested;
  private final boolean regression;

  /**
   * @param regression whether the network predicts a return, and no class
   */
  TrainingSection(YamlMap top, YamlMap nested, boolean regression) {
    this.top = top;
    this.nested = nested;
    this.regression = regression;
  }

  TrainingSettings read() {
    int epochs = whole("epochs", 100, 1, EPOCHS_MAX);
    int batchSize = whole("batch_size", 32, 1, BATCH_MAX);
    double learningRate = real("learning_rate", 0.001, Interval.above(0, 1));
    String optimizer = word("optimizer", "adam", List.of("adam", "sgd", "rmsprop"));
    double weightDecay = real("weight_decay", regression ? 0 : 1e-4, Interval.below(0, 1));
    double gradientClip = real("gradient_clip", 1.0, Interval.closed(0, 1e6));
    EarlyStopping early = readEarlyStopping(nested, readEarlyStopping(top, null));
    LearningRateSchedule schedule = readSchedule(nested, readSchedule(top, null));
    LossSettings loss = readLoss();
    long seed =
        top.whole("seed", nested.whole("seed", 42L, -SEED_MAX, SEED_MAX), -SEED_MAX, SEED_MAX);
    nested.finish("KEY_UNKNOWN");
    LabelSettings labels = new LabelSection(top.mapOrAbsent("labels"), regression).read();
    Split split = readSplit(top.mapOrAbsent("data_split"), labels);
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
        schedule == null ? new LearningRateSchedule.Constant() : schedule,
        loss,
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

  private String word(String key, String standard, List<String> choices) {
    return top.word(key, nested.word(key, standard, choices), choices);
  }

  private static @Nullable EarlyStopping readEarlyStopping(
      YamlMap section, @Nullable EarlyStopping stronger) {
    YamlMap map = section.map("early_stopping");
    if (map == null) {
      return stronger;
    }
    boolean enabled = map.bool("enabled", true);
    String monitor = map.word("monitor", "val_loss", List.of("val_loss", "val_accuracy"));
    EarlyStopping read =
        new EarlyStopping(
            map.whole("patience", 10, 1, EPOCHS_MAX),
            map.real("min_delta", 1e-4, Interval.closed(0, 1)),
            Monitor.valueOf(monitor.toUpperCase(Locale.ROOT)));
    map.finish("KEY_UNKNOWN");
    if (stronger != null) {
      return stronger;
    }
    return enabled ? read : null;
  }

  private static @Nullable LearningRateSchedule readSchedule(
      YamlMap section, @Nullable LearningRateSchedule stronger) {
    YamlMap map = section.map("lr_scheduler");
    if (map == null) {
      return stronger;
    }
    if (!map.has("type")) {
      map.missing("type", "type: step");
    }
    String type = map.word("type", "", List.of("step", "exponential", "reduce_on_plateau"));
    Interval factor = Interval.above(0, 1);
    LearningRateSchedule read =
        switch (type) {
          case "step" ->
              new LearningRateSchedule.Step(
                  map.whole("step_size", 30, 1, EPOCHS_MAX), map.real("gamma", 0.1, factor));
          case "exponential" ->
              new LearningRateSchedule.Exponential(map.real("gamma", 0.95, factor));
          case "reduce_on_plateau" ->
              new LearningRateSchedule.ReduceOnPlateau(
                  map.real("factor", 0.5, Interval.open(0, 1)),
                  map.whole("patience", 5, 0, EPOCHS_MAX));
          default -> null;
        };
    if (read != null) {
      map.finish("KEY_UNKNOWN");
    }
    return stronger == null ? read : stronger;
  }

  private LossSettings readLoss() {
    String loss =
        regression
            ? word("loss", "huber", List.of("huber", "mse"))
            : word("loss", "cross_entropy", List.of("cross_entropy", "focal"));
    double gamma = onlyWith(loss, "focal", "focal_gamma", 2, Interval.closed(0, 10));
    double delta =
        onlyWith(
            loss, "huber", "huber_delta", LossSettings.HUBER_DELTA_DEFAULT, Interval.above(0, 10));
    return switch (loss) {
      case "focal" -> new LossSettings.Focal(gamma);
      case "huber" -> new LossSettings.Huber(delta);
      case "mse" -> new LossSettings.SquaredError();
      default -> new LossSettings.Focal(0);
    };
  }

  private double onlyWith(
      String loss, String wanted, String key, double standard, Interval interval) {
    double value = real(key, standard, interval);
    for (YamlMap section : List.of(nested, top)) {
      if (section.has(key) && !loss.equals(wanted)) {
        section.problem(
            key,
            "VALUE_INVALID",
            "has an effect with loss: %s only, the loss is %s".formatted(wanted, loss));
      }
    }
    return value;
  }

  private static Split readSplit(YamlMap map, LabelSettings labels) {
    Interval share = Interval.closed(0, 1);
    double embargo =
        switch (labels) {
          case LabelSettings.TripleBarrier _, LabelSettings.Context _, LabelSettings.Regime _ ->
              0.01;
          case LabelSettings.Zigzag _, LabelSettings.ForwardReturn _ -> 0;
        };
    Split split =
        new Split(
            map.real("train", 0.7, share),
            map.real("validation", 0.15, share),
            map.real("test", 0.15, share),
            map.real("embargo", embargo, Interval.closed(0, 0.1)));
    map.finish("KEY_UNKNOWN");
    int empty =
        empty(map, "train", split.train())
            + empty(map, "validation", split.validation())
            + empty(map, "test", split.test());
    double sum = split.train() + split.validation() + split.test();
    if (empty == 0 && Math.abs(sum - 1) > SPLIT_TOLERANCE) {
      map.problem(
          "train",
          "SPLIT_INVALID",
          "train %s + validation %s + test %s is %s, must be 1"
              .formatted(split.train(), split.validation(), split.test(), (float) sum));
    }
    return split;
  }

  private static int empty(YamlMap map, String part, double share) {
    if (share > 0) {
      return 0;
    }
    map.problem(part, "SPLIT_INVALID", "the part is empty, its share must be above 0");
    return 1;
  }
}
