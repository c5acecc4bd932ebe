package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.Recurrence;
import io.ktrdr.strategy.RecurrentLayer;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that reads long sequences, and a range that would keep a worker for many hours. */
final class LongSequencesIT {

  private static final int UNITS = 256;
  private static final int LAYERS = 4;
  private static final int SEQUENCE = 500;
  private static final LocalDate FIRST = LocalDate.of(1990, 1, 1);
  private static final int DAYS = 12_000;

  @TempDir private static Path folder = Path.of("");

  @Test
  void isRefusedAtSubmitWithTheFiguresAndAShorterOneIsNot() throws Exception {
    Path root = RepositoryRoot.find();
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("EURUSD_1d.csv"), csv());
    Path model =
        Files.createDirectories(folder.resolve("models/neuro_mean_reversion/1d_v1"))
            .resolve("model.json");
    Files.write(model, ModelBundleCodec.encode(model(root)));
    try (ApiFixture api =
        new ApiFixture(
            TestPostgres.emptyDatabase(),
            "amqp://guest:guest@127.0.0.1:1/",
            new ApiFixture.Folders(data, root.resolve("strategies"), folder.resolve("models")),
            WhenNoWorkers.QUEUE)) {
      ApiFixture.Answer hours = api.post("/api/v1/backtests/start", upTo(DAYS - 1));
      assertThat(hours.body().path("code").asText())
          .as(hours.body().toString())
          .isEqualTo("PARAM_RANGE");
      assertThat(hours.status()).isEqualTo(422);
      assertThat(hours.body().at("/errors/0/pointer").asText()).isEqualTo("/end_date");
      assertThat(hours.body().at("/errors/0/detail").asText())
          .contains("answers at 12000 bars, each from 500 bars", "at most 1e+13", "shorter range");

      assertThat(api.post("/api/v1/backtests/start", upTo(DAYS / 2)).status()).isEqualTo(202);
    }
  }

  private static String upTo(int day) {
    return """
    {"model_path": "neuro_mean_reversion/1d_v1", "start_date": "2000-01-01", "end_date": "%s"}
    """
        .formatted(FIRST.plusDays(day));
  }

  private static String csv() {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    for (int day = 0; day < DAYS; day++) {
      csv.append(FIRST.plusDays(day)).append("T00:00:00Z,1.1,1.2,1.0,1.1,1\n");
    }
    return csv.toString();
  }

  private static ModelBundle model(Path root) throws IOException {
    JsonNode shipped =
        Json.mapper()
            .readTree(
                Files.readAllBytes(root.resolve("models/neuro_mean_reversion/1d_v21/model.json")));
    List<String> features =
        StreamSupport.stream(shipped.path("feature_names").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    List<RecurrentLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      int inputs = layer == 0 ? features.size() : UNITS;
      layers.add(
          RecurrentType.LSTM.layer(
              inputs,
              UNITS,
              new float[inputs * 4 * UNITS],
              new float[UNITS * 4 * UNITS],
              new float[4 * UNITS]));
    }
    Recurrence recurrence = new Recurrence(SEQUENCE, layers);
    DenseLayer output =
        new DenseLayer(
            UNITS,
            ModelBundle.OUTPUTS,
            Activation.SOFTMAX,
            new float[UNITS * ModelBundle.OUTPUTS],
            new float[ModelBundle.OUTPUTS]);
    String yaml =
        shipped
            .path("strategy_yaml")
            .asText()
            .replace("type: mlp", "type: lstm")
            .replace("hidden_layers: [32, 16]", "hidden_size: " + UNITS)
            .replace("activation: relu", "num_layers: " + LAYERS)
            .replace("output_activation: softmax", "sequence_length: " + SEQUENCE);
    return new ModelBundle(
        ModelBundle.formatOf(recurrence, List.of(output)),
        "neuro_mean_reversion",
        yaml,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2015, 1, 1),
        LocalDate.of(2016, 12, 31),
        features,
        List.of(),
        recurrence,
        List.of(output),
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }
}
