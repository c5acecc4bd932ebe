package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.ModelBundle;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The card of the model that decided: what is known of it, and nothing else. */
final class ModelPart {

  private static final String CONFUSION = "confusion_matrix";

  private final Page page;
  private final JsonNode result;
  private final Optional<ModelBundle> model;

  ModelPart(Page page, JsonNode result, Optional<ModelBundle> model) {
    this.page = page;
    this.result = result;
    this.model = model;
  }

  /** Nothing for a strategy of rules. */
  void add() {
    if (!result.has("model_version")) {
      return;
    }
    page.heading("Model", result.path("model_version").asText());
    page.openDefinitions();
    TrainingRange.of(result)
        .ifPresent(range ->
            page.definition("trained on", "%s to %s".formatted(range.start(), range.end())));
    page.definition("weights_sha256", result.path("weights_sha256").asText("–"));
    model.ifPresent(this::addBundle);
    page.definitions("decisions of the run, ", result.path("decision_counts"));
    page.definitions("regimes of the run, ", result.path("class_counts"));
    page.closeDefinitions();
    if (model.isEmpty()) {
      page.note("The model itself is not in the store any more: no more is known of it.");
    }
    model.ifPresent(bundle -> addConfusion(bundle.training().path("test_metrics").path(CONFUSION)));
    model.ifPresent(bundle -> new ModelInsightPart(page, bundle.training()).add());
  }

  private void addBundle(ModelBundle bundle) {
    page.definition(
        "prices", String.join(", ", bundle.symbols()) + " " + bundle.timeframe().wireName());
    page.definition("seed", String.valueOf(bundle.seed()));
    page.definition("trained by version", bundle.engineVersion());
    page.definition(
        "network", "%s, %d parameters".formatted(bundle.architecture(), bundle.parameterCount()));
    page.definition(
        "features",
        "%d: %s".formatted(bundle.featureNames().size(), String.join(", ", bundle.featureNames())));
    for (FeatureScaling scaling : bundle.scalings()) {
      page.definition(
          "scale of " + scaling.feature(),
          "%s: (x − %s) / %s"
              .formatted(scaling.normalization().wireName(), scaling.offset(), scaling.divisor()));
    }
    ObjectNode training = bundle.training().deepCopy();
    if (training.path("test_metrics") instanceof ObjectNode metrics) {
      metrics.remove(CONFUSION);
      page.definitions("test, ", metrics);
      training.remove("test_metrics");
    }
    training.remove(ModelInsightPart.FIELDS);
    page.definitions("training, ", training);
  }

  private void addConfusion(JsonNode matrix) {
    if (matrix.isEmpty()) {
      return;
    }
    page.heading(
        "Decisions on the test part of the training data", "rows: right, columns: decided");
    String[] headings = new String[matrix.size() + 1];
    headings[0] = "";
    int column = 1;
    for (Map.Entry<String, JsonNode> row : matrix.properties()) {
      headings[column++] = row.getKey().toUpperCase(Locale.ROOT);
    }
    page.openTable(headings);
    for (Map.Entry<String, JsonNode> row : matrix.properties()) {
      page.openRow(row.getKey().toUpperCase(Locale.ROOT));
      for (Map.Entry<String, JsonNode> other : matrix.properties()) {
        page.cell("", row.getValue().path(other.getKey()).asText("–"));
      }
      page.closeRow();
    }
    page.closeTable();
  }
}
