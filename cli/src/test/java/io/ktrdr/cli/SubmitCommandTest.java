package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubmitCommandTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "7, 7",
        "-0.5e3, -500.0",
        "true, true",
        "True, \"True\"",
        "007, \"007\"",
        "1h, \"1h\"",
        "null, \"null\"",
        "~~, \"\"",
        "a=b, \"a=b\""
      })
  void aValueIsANumberOrABooleanOrText(String text, String json) throws IOException {
    JsonNode value = SubmitCommand.merged(null, Map.of("k", text)).path("k");
    assertThat(value.toString()).isEqualTo(Json.mapper().readTree(json).toString());
  }

  @Test
  void parametersOfTheCommandAreOverThoseOfTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("p.json"), "{\"seed\": 1, \"names\": [\"a\"]}");

    assertThat(SubmitCommand.merged(file, Map.of("seed", "2")).toString())
        .isEqualTo("{\"seed\":2,\"names\":[\"a\"]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[1]|not an object", "{seed|not JSON", "absent|NoSuchFile"})
  void aFileThatCannotBeUsedIsNamedWithTheReason(String text, String why) throws IOException {
    Path file = folder.resolve("p.json");
    if (!text.equals("absent")) {
      Files.writeString(file, text);
    }
    assertThatThrownBy(() -> SubmitCommand.merged(file, Map.of()))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContainingAll(file.toString(), why);
  }
}
