package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainCommandTest {

  private static final String ROUTE = "POST /api/v1/trainings/start";

  @TempDir private Path folder;

  private final StubApi api = new StubApi().on(ROUTE, 202, "{\"operation_id\": \"op_training_1\"}");

  @AfterEach
  void stop() {
    api.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8000", "//localhost", "http://", "ftp://localhost", "a b"})
  void anAddressThatIsNoneIsAMistakeOfUse(String url) {
    assertThat(KtrdrCli.run("models", "list", "--url", url)).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aStrategyFileIsSentAlongAsItIs() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), "name: mine\n# ours\n");

    int code =
        KtrdrCli.run(
            "models", "train", "--strategy-file", file.toString(), "--seed", "7", "-u", api.url());

    assertThat(code).isEqualTo(ExitCode.DONE);
    assertThat(api.changes())
        .singleElement()
        .asString()
        .startsWith(ROUTE)
        .contains("\"strategy_yaml\":\"name: mine\\n# ours\\n\"", "\"seed\":7");
  }
}
