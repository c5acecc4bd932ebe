package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the API for files and policies, against answers told beforehand. */
final class DataCommandTest {

  private static final String DATASET =
      """
      {"symbol": "EURUSD", "timeframe": "1h", "rows": 2, "first_bar": "2024-01-02T00:00:00Z",
       "last_bar": "2024-01-02T01:00:00Z", "sha256": "00", "layout": "ktrdr", "calendar": "fx",
       "gap_count": 1, "missing_bars": 3, "notes": ["from a broker"], "warnings": ["DATA_GAP: x"]}
      """;

  @TempDir private Path folder = Path.of("");

  private final StubApi api = new StubApi();

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void theFileIsSentAsItIsAndTheRestIsInTheQuery() throws IOException {
    String query =
        "symbol=EURUSD&timeframe=1h&zone=Europe%2FBerlin&duplicates=keep_last&replace=true";
    api.on(
        "POST /api/v1/data?" + query,
        201,
        "{\"imported_layout\": \"metatrader5\", \"dataset\": %s}".formatted(DATASET));
    Path file = Files.writeString(folder.resolve("EURUSD60.csv"), "<DATE>\t1");

    String said =
        ktrdr(
            0,
            "data",
            "import",
            file.toString(),
            "--symbol",
            "EURUSD",
            "--timeframe",
            "1h",
            "--zone",
            "Europe/Berlin",
            "--keep-last",
            "--replace");

    assertThat(api.changes()).containsExactly("POST /api/v1/data?" + query + " <DATE>\t1");
    assertThat(said)
        .contains(
            "metatrader5", "2 bars", "calendar fx", "1 gaps with 3", "from a broker", "DATA_GAP");
  }

  @Test
  void whatComesThroughAPipeIsSentLikeAFile() throws IOException, InterruptedException {
    String query = "symbol=EURUSD&timeframe=1h";
    api.on(
        "POST /api/v1/data?" + query,
        201,
        "{\"imported_layout\": \"metatrader5\", \"dataset\": %s}".formatted(DATASET));
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process _ =
        new ProcessBuilder("sh", "-c", "printf '<DATE>\\t1' > \"$0\"", pipe.toString()).start();

    String _ =
        ktrdr(0, "data", "import", pipe.toString(), "--symbol", "EURUSD", "--timeframe", "1h");

    assertThat(api.changes()).containsExactly("POST /api/v1/data?" + query + " <DATE>\t1");
  }

  @Test
  void aFileThatIsNotThereIsAMistakeOfTheCaller() {
    assertThat(
            ktrdr(2, "data", "import", "/no/such/file", "--symbol", "EURUSD", "--timeframe", "1h"))
        .contains("/no/such/file cannot be read");
    assertThat(api.changes()).isEmpty();
  }

  @Test
  void gapsAreListedAndShown() {
    api.on("GET /api/v1/data", "{\"datasets\": [%s], \"damaged\": []}".formatted(DATASET));
    api.on(
        "GET /api/v1/data/EURUSD/1h",
        """
        {"dataset": %s, "gaps_left_out": 7, "gaps":
         [{"from": "2024-01-02T00:20:00Z", "to": "2024-01-02T00:40:00Z", "missing_bars": 3}]}
        """
            .formatted(DATASET));

    assertThat(ktrdr(0, "data", "list"))
        .contains("EURUSD", "ktrdr", "fx")
        .isEqualTo(ktrdr(0, "data"));
    assertThat(ktrdr(0, "data", "show", "EURUSD", "1h"))
        .contains("2024-01-02T00:20:00Z", "2024-01-02T00:40:00Z", "and 7 more");
  }

  @Test
  void whatIsToBeDoneAboutGapsIsPartOfTheSubmit() {
    api.on("POST /api/v1/backtests/start", 202, "{\"operation_id\": \"op\", \"message\": \"ok\"}");

    String _ =
        ktrdr(
            0,
            "backtests",
            "start",
            "--strategy",
            "sma_cross",
            "--start",
            "2024-01-01",
            "--end",
            "2024-12-31",
            "--gaps",
            "fill",
            "--calendar",
            "fx",
            "--strict-range");

    assertThat(api.changes().getFirst())
        .contains("\"gaps\":\"fill\"", "\"calendar\":\"fx\"", "\"strict_range\":true");
  }

  /** What it said, to people and about errors. */
  private String ktrdr(int exitCode, String... words) {
    Said said = Said.by(api, words);
    assertThat(said.exitCode()).as(said.out() + said.err()).isEqualTo(exitCode);
    return said.out() + said.err();
  }
}
