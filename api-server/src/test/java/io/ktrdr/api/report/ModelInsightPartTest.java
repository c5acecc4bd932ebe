package io.ktrdr.api.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import org.junit.jupiter.api.Test;

class ModelInsightPartTest {

  @Test
  void reliabilityAndImportanceAreDrawn() {
    ObjectNode training = measured(3);

    String page = page(training);

    assertThat(page)
        .contains("Expected calibration error 0.0500, Brier score 0.6000, 100 rows")
        .contains("60 rows, sure of 45.00 %, right 40.00 %")
        .contains("<th scope=\"row\">0.4 to 0.5</th><td>60</td><td>45.00 %</td><td>40.00 %</td>")
        .contains("<th scope=\"row\">0.0 to 0.1</th><td>0</td><td>–</td><td>–</td>")
        .contains(">f0 &lt;b&gt; 3.00<", ">f2 &lt;b&gt; -1.00<", "100 of 250 rows, seed 42.<")
        .doesNotContain("NaN", "Infinity", "<b>", "No calibration");
    assertThat(page.split("class=\"own\"", -1)).hasSize(3);
    assertThat(page.split("class=\"loss\"", -1)).hasSize(2);
  }

  @Test
  void manyFeaturesAreCounted() {
    String page = page(measured(50));

    assertThat(page).contains("30 more are in JSON");
    assertThat(page).contains(">f19 ").doesNotContain(">f20 ");
  }

  @Test
  void whatWasNotMeasuredSaysWhy() {
    ObjectNode training = measured(1);
    training.putNull("feature_importance");
    training.putObject("undefined").put("feature_importance", "it is too large");

    assertThat(page(training)).contains("No importance of the features: it is too large.");
    assertThat(page(Json.mapper().createObjectNode()))
        .contains("No calibration: the model&#39;s training did not measure it.")
        .doesNotContain("<figure>", "<table>");
  }

  private static String page(ObjectNode training) {
    Page page = new Page("test");
    new ModelInsightPart(page, training).add();
    return page.finished();
  }

  /** Two bins with rows; features that lose 3, 1, -1, -3 … points. */
  private static ObjectNode measured(int features) {
    ObjectNode training = Json.mapper().createObjectNode();
    ObjectNode calibration = training.putObject("calibration");
    calibration.put("rows", 100).put("expected_calibration_error", 0.05).put("brier_score", 0.6);
    ArrayNode bins = calibration.putArray("bins");
    for (int bin = 0; bin < 10; bin++) {
      ObjectNode one = bins.addObject().put("above", bin / 10.0).put("up_to", (bin + 1) / 10.0);
      switch (bin) {
        case 4 -> one.put("count", 60).put("mean_confidence", 0.45).put("accuracy", 0.4);
        case 5 -> one.put("count", 40).put("mean_confidence", 0.55).put("accuracy", 0.6);
        default -> one.put("count", 0).putNull("mean_confidence").putNull("accuracy");
      }
    }
    ObjectNode importance = training.putObject("feature_importance");
    importance.put("rows", 100).put("rows_of_part", 250).put("shuffles", 5).put("seed", 42);
    importance.put("metric_value", 0.44);
    for (int i = 0; i < features; i++) {
      importance
          .withArrayProperty("features")
          .addObject()
          .put("feature", "f%d <b>".formatted(i))
          .put("drop", 0.03 - 0.02 * i)
          .put("drop_std", 0.005);
    }
    return training;
  }
}
