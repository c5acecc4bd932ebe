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

  @Test
  void resultNobodyWaitsForIsRefusedBeforeAnythingIsSubmitted() {
    Said said =
        Said.by(api, "models", "train", "--strategy", "neuro", "--result-file", "result.json");

    assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).contains("--result-file needs --follow", "(FOLLOW_REQUIRED)");
    assertThat(api.changes()).isEmpty();
  }

  @Test
  void whatIsTriedAgainCanBeFollowed() throws IOException {
    Path file = folder.resolve("ended.json");
    api.on("POST /api/v1/operations/op_training_1/resume", 202, "{}");
    api.on(
        "GET /api/v1/operations/op_training_1",
        "{\"operation_id\": \"op_training_1\", \"status\": \"cancelled\"}");

    Said said =
        Said.by(
            api,
            "operations",
            "resume",
            "op_training_1",
            "--follow",
            "--result-file",
            file.toString());

    assertThat(said.exitCode()).isEqualTo(ExitCode.CANCELLED);
    assertThat(Files.readString(file)).contains("\"cancelled\"");
  }

  @Test
  void theCodeOfAProblemIsShownToPeopleToo() {
    api.on(
        "GET /api/v1/models", 503, "{\"code\": \"DATABASE_UNAVAILABLE\", \"detail\": \"later\"}");

    assertThat(Said.by(api, "models", "list").err())
        .isEqualToIgnoringNewLines("Error: later (DATABASE_UNAVAILABLE)");
  }
}
