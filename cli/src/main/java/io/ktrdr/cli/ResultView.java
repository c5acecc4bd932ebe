package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An ended operation's result as a table for people. */
final class ResultView {

  private static final int FEATURES_MAX = 5;

  private ResultView() {}

  static String render(JsonNode operation) {
    Table table = new Table("Result", "");
    table.add("operation", operation.path("operation_id").asText());
    table.add(
        "status",
        "%s after %s on %s (attempt %d)"
            .formatted(
                operation.path("status").asText(),
                ProgressBar.duration(
                    java.time.Duration.ofMillis(
                        (long) (operation.path("duration_seconds").asDouble() * 1000))),
                operation.path("worker_id").asText("no worker"),
                operation.path("attempt").asInt()));
    JsonNode result = operation.path("result");
    if (result.isObject()) {
      switch (operation.path("operation_type").asText()) {
        case "backtesting" -> backtest(table, operation, result);
        case "training" -> training(table, result);
        default -> flat(table, result);
      }
    }
    if (!operation.path("error_message").isNull() && operation.has("error_message")) {
      table.add(
          "error",
          "%s: %s"
              .formatted(
                  operation.path("error_code").asText(), operation.path("error_message").asText()));
    }
    operation.path("warnings").forEach(warning -> table.add("warning", warning.asText()));
    result.path("warnings").forEach(warning -> table.add("warning", text(warning)));
    return table.render();
  }

  private static void backtest(Table table, JsonNode operation, JsonNode result) {
    JsonNode metadata = operation.path("metadata");
    table.add(
        "run",
        "%s %s, %s to %s"
            .formatted(
                metadata.path("symbol").asText(),
                metadata.path("timeframe").asText(),
                metadata.path("start_date").asText(),
                metadata.path("end_date").asText()));
    if (result.has("model_version")) {
      table.add("model version", result.path("model_version").asText());
    } else {
      table.add("strategy", result.path("strategy_name").asText("–"));
    }
    table.add("trades", metric(result, "total_trades", "%.0f", 1));
    table.add("return", metric(result, "total_return_pct", "%+.2f %%", 100));
    table.add("Sharpe ratio", metric(result, "sharpe_ratio", "%.3f", 1));
    table.add("profit factor", metric(result, "profit_factor", "%.3f", 1));
    table.add("max drawdown", metric(result, "max_drawdown_pct", "%.2f %%", 100));
    table.add("win rate", metric(result, "win_rate", "%.1f %%", 100));
  }

  private static void training(Table table, JsonNode result) {
    table.add("model version", result.path("model_version").asText("–"));
    table.add("best epoch", metric(result, "best_epoch", "%.0f", 1));
    table.add("validation accuracy", metric(result, "final_val_accuracy", "%.3f", 1));
    if (result.has("directional_accuracy")) {
      table.add("right direction (test)", metric(result, "directional_accuracy", "%.3f", 1));
      table.add("mean absolute error (test)", metric(result, "mae", "%.5f", 1));
    } else {
      table.add("test accuracy", metric(result, "test_accuracy", "%.3f", 1));
      table.add("calibration error", metric(result, "expected_calibration_error", "%.4f", 1));
      table.add("Brier score", metric(result, "brier_score", "%.4f", 1));
      addImportance(table, result);
    }
    table.add("weights", result.path("weights_sha256").asText("–"));
  }

  /** The features the model lives on; all of them with {@code --json}. */
  private static void addImportance(Table table, JsonNode result) {
    JsonNode features = result.path("feature_importance").path("features");
    if (result.path("feature_importance").isNull()) {
      table.add("most important", metric(result, "feature_importance", "", 1));
    }
    for (int i = 0; i < Math.min(FEATURES_MAX, features.size()); i++) {
      JsonNode feature = features.path(i);
      table.add(
          i == 0 ? "most important" : "",
          String.format(
              Locale.ROOT,
              "%s, shuffled: %+.2f points of balanced accuracy",
              feature.path("feature").asText(),
              -100 * feature.path("drop").asDouble()));
    }
  }

  /** Of a type we know nothing about; what is nested shows with {@code --json}. */
  private static void flat(Table table, JsonNode result) {
    result
        .properties()
        .forEach(field -> {
          if (field.getValue().isValueNode()) {
            table.add(field.getKey(), field.getValue().asText());
          }
        });
  }

  /** The metric times the factor; where it is undefined, why. */
  private static String metric(JsonNode result, String key, String format, double factor) {
    @Nullable JsonNode value = result.get(key);
    if (value != null && value.isNumber()) {
      return String.format(Locale.ROOT, format, value.asDouble() * factor);
    }
    String reason = result.path("undefined").path(key).asText("");
    return reason.isEmpty() ? "–" : "– (%s)".formatted(reason);
  }

  private static String text(JsonNode warning) {
    return warning.isTextual()
        ? warning.asText()
        : "%s: %s".formatted(warning.path("code").asText(), warning.path("message").asText());
  }
}
