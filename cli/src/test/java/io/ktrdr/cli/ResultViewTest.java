package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import org.junit.jupiter.api.Test;

class ResultViewTest {

  @Test
  void aTrainingSaysHowFarItsModelCanBeBelieved() {
    ObjectNode operation = training();
    ObjectNode result = operation.putObject("result");
    result.put("expected_calibration_error", 0.0712).put("brier_score", 0.6431);
    for (int i = 0; i < 8; i++) {
      result
          .withObjectProperty("feature_importance")
          .withArrayProperty("features")
          .addObject()
          .put("feature", "f" + i)
          .put("drop", 0.03 - 0.01 * i);
    }

    assertThat(ResultView.render(operation))
        .contains("calibration error", "0.0712", "Brier score", "0.6431")
        .contains("f0, shuffled: -3.00 points", "f4, shuffled: +1.00 points")
        .doesNotContain("f5");
  }

  @Test
  void anImportanceThatIsNotThereSaysWhy() {
    ObjectNode operation = training();
    ObjectNode result = operation.putObject("result").putNull("feature_importance");
    result.putObject("undefined").put("feature_importance", "it is too large");

    assertThat(ResultView.render(operation)).contains("most important", "– (it is too large)");
  }

  private static ObjectNode training() {
    return Json.mapper()
        .createObjectNode()
        .put("operation_type", "training")
        .put("status", "completed");
  }
}
