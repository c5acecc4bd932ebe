package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/**
 * How far a model's probabilities can be believed, and which features it lives on, as its training
 * measured. Models of earlier versions were not measured, and say so.
 */
final class ModelInsightPart {

  /** What is drawn here, and is no line of the card. */
  static final List<String> FIELDS = List.of("calibration", "feature_importance", "undefined");

  /** Features that get a bar; the others are counted. */
  static final int FEATURES_MAX = 20;

  private static final String CALIBRATION = "calibration";
  private static final String IMPORTANCE = "feature_importance";
  private static final int HEIGHT = 300;
  private static final int FEATURE_HEIGHT = 30;

  /** A little to the right of 1, so that its name has room. */
  private static final double AXIS_END = 1.05;

  private final Page page;
  private final JsonNode training;

  /**
   * @param training what a model's file says of its training
   */
  ModelInsightPart(Page page, JsonNode training) {
    this.page = page;
    this.training = training;
  }

  void add() {
    JsonNode calibration = training.path(CALIBRATION);
    JsonNode importance = training.path(IMPORTANCE);
    page.heading("How far the model can be believed", "test part of the training data");
    note("calibration", calibration, CALIBRATION);
    note("importance of the features", importance, IMPORTANCE);
    page.openPanels();
    if (calibration.isObject()) {
      addReliability(calibration);
    }
    if (importance.path("features").size() > 0) {
      addImportance(importance);
    }
    page.close();
    if (calibration.isObject()) {
      addBins(calibration);
    }
  }

  /** Why something is not there. */
  private void note(String what, JsonNode value, String field) {
    if (!value.isObject()) {
      page.note(
          "No %s: %s."
              .formatted(
                  what,
                  training
                      .path("undefined")
                      .path(field)
                      .asText("the model's training did not measure it")));
    }
  }

  private void addReliability(JsonNode calibration) {
    String figures =
        "Expected calibration error %s, Brier score %s, %d rows"
            .formatted(
                number(calibration.path("expected_calibration_error")),
                number(calibration.path("brier_score")),
                calibration.path("rows").asInt());
    Chart chart =
        new Chart(
                "Reliability", figures, Chart.NARROW, HEIGHT, Scale.of(0, AXIS_END), Scale.of(0, 1))
            .yAxis(ModelInsightPart::wholePercent)
            .xAxis(ModelInsightPart::wholePercent);
    for (JsonNode bin : calibration.path("bins")) {
      if (bin.path("accuracy").isNumber()) {
        double accuracy = bin.path("accuracy").doubleValue();
        chart.bar(
            "held",
            bin.path("above").doubleValue(),
            bin.path("up_to").doubleValue(),
            accuracy,
            hint(bin));
      }
    }
    chart.segment("edge", 0, 0, 1, 1);
    for (JsonNode bin : calibration.path("bins")) {
      if (bin.path("accuracy").isNumber()) {
        chart.mark(
            "entry",
            Chart.Mark.DOT,
            bin.path("mean_confidence").doubleValue(),
            bin.path("accuracy").doubleValue(),
            hint(bin));
      }
    }
    page.panel(
        chart.svg(),
        "Reliability: how often it is right (upwards) by how sure it is (to the right); on the"
            + " dotted line it is right as often as it says. "
            + figures);
  }

  private static String hint(JsonNode bin) {
    return "%d rows, sure of %s, right %s"
        .formatted(
            bin.path("count").asInt(),
            percent(bin.path("mean_confidence")),
            percent(bin.path("accuracy")));
  }

  private void addImportance(JsonNode importance) {
    JsonNode features = importance.path("features");
    int shown = Math.min(FEATURES_MAX, features.size());
    double least = 0;
    double most = 0;
    for (int i = 0; i < shown; i++) {
      double drop = features.path(i).path("drop").doubleValue();
      double deviation = features.path(i).path("drop_std").doubleValue();
      least = Math.min(least, drop - deviation);
      most = Math.max(most, drop + deviation);
    }
    Chart chart =
        new Chart(
                "Importance of the features",
                "What the balanced accuracy loses when a feature is shuffled.",
                Chart.NARROW,
                FEATURE_HEIGHT * (shown + 1),
                Scale.roomy(least, most),
                Scale.of(0, shown))
            .xAxis(value -> points(value, "%.2g"));
    for (int i = 0; i < shown; i++) {
      addFeature(chart, features.path(i), shown - i - 1);
    }
    String rest =
        shown == features.size() ? "" : " %d more are in JSON.".formatted(features.size() - shown);
    page.panel(
        chart.svg(),
        "Importance: percentage points of balanced accuracy (%s) lost when the feature is shuffled, mean and standard deviation of %d shuffles of %d of %d rows, seed %s.%s"
            .formatted(
                percent(importance.path("metric_value")),
                importance.path("shuffles").asInt(),
                importance.path("rows").asInt(),
                importance.path("rows_of_part").asInt(),
                importance.path("seed").asText(),
                rest));
  }

  private static void addFeature(Chart chart, JsonNode feature, int row) {
    double drop = feature.path("drop").doubleValue();
    double deviation = feature.path("drop_std").doubleValue();
    String name = "%s %s".formatted(feature.path("feature").asText(), points(drop, "%.2f"));
    chart.lyingBar(
        drop < 0 ? "loss" : "own",
        drop,
        row + 0.08,
        row + 0.42,
        name,
        "%s, standard deviation %s".formatted(name, points(deviation, "%.2f")));
    chart.segment("zero", 0, row, 0, row + 0.5);
    chart.segment("middle", drop - deviation, row + 0.25, drop + deviation, row + 0.25);
  }

  private void addBins(JsonNode calibration) {
    page.openTable("confidence", "rows", "mean confidence", "accuracy");
    for (JsonNode bin : calibration.path("bins")) {
      page.row(
          "%.1f to %.1f"
              .formatted(bin.path("above").doubleValue(), bin.path("up_to").doubleValue()),
          bin.path("count").asText(),
          percent(bin.path("mean_confidence")),
          percent(bin.path("accuracy")));
    }
    page.closeTable();
    JsonNode conventions = calibration.path("conventions");
    page.openDefinitions();
    page.definitions("", conventions);
    page.closeDefinitions();
  }

  private static String percent(JsonNode value) {
    return value.isNumber() ? Texts.percent(value.doubleValue()) : "–";
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4f", value.doubleValue()) : "–";
  }

  /** On an axis. */
  private static String wholePercent(double fraction) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * fraction);
  }

  /** Percentage points. */
  private static String points(double fraction, String format) {
    return String.format(Locale.ROOT, format, 100 * fraction);
  }
}
