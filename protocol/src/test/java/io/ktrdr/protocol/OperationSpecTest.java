package io.ktrdr.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OperationSpecTest {

  @Test
  void trainingFromBeforeThereWereSeveralTimeframesHasThatOfItsData()
      throws JsonProcessingException {
    OperationSpec.Training spec =
        new OperationSpec.Training(
            "s",
            "name: s",
            List.of(new DatasetRef("EURUSD", Timeframe.H4, Sha256.of(new byte[0]))),
            List.of(Timeframe.H4),
            LocalDate.of(2024, 1, 1),
            LocalDate.of(2024, 12, 31),
            42,
            "0.1.0");
    ObjectNode json = Json.mapper().valueToTree(spec);
    assertThat(Json.mapper().treeToValue(json, OperationSpec.class)).isEqualTo(spec);

    assertThat(json.remove("timeframes").toString()).isEqualTo("[\"4h\"]");
    assertThat(Json.mapper().treeToValue(json, OperationSpec.class)).isEqualTo(spec);
  }
}
