package io.ktrdr.api.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.settings.SettingNames;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Code, document and page know the same error codes. */
final class ErrorsPageTest {

  /** Where codes come from that a user sees. */
  private static final List<String> MODULES =
      List.of(
          "protocol",
          "market-data",
          "strategy",
          "worker-runtime",
          "jobs-backtest",
          "jobs-training",
          "jobs-example",
          "api-server");

  private static final Pattern WORDS =
      Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:\"|: %s)");
  private static final Pattern ONE_WORD =
      Pattern.compile(
          "(?:retryLater|conflictForNow|permanent|ProblemException\\(\\s*\\d+,)[(]?\\s*\"([A-Z]+)\"");

  /** In capitals, and no codes. */
  private static final Set<String> OTHERS =
      Set.of(
          "OMP_NUM_THREADS",
          "TEMPORARILY_UNAVAILABLE",
          // Reasons of a trade's exit.
          "STOP_LOSS",
          "TAKE_PROFIT",
          "TRAILING_STOP",
          "END_OF_DATA",
          "CAPITAL_LOST");

  private static final Map<String, ProblemCode> CODES = ApiDocument.read().codes();

  @Test
  void everyCodeOfTheSourcesIsInTheDocumentAndNoOther() throws IOException {
    Set<String> written = new TreeSet<>();
    for (String module : MODULES) {
      Path sources = RepositoryRoot.find().resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String text = Files.readString(file);
          WORDS.matcher(text).results().forEach(found -> written.add(found.group(1)));
          ONE_WORD.matcher(text).results().forEach(found -> written.add(found.group(1)));
        }
      }
    }
    written.removeAll(SettingNames.all());
    written.removeAll(OTHERS);
    assertThat(written).contains("DRAINING", "FIELD_UNKNOWN");
    assertThat(CODES.keySet()).isEqualTo(written);
  }

  @Test
  void thePageHasTheTablesOfTheDocument() throws IOException {
    String tables = tables();
    Path made = Path.of("target", "errors-tables.md");
    Files.writeString(made, tables);
    // Not as one long message of what is missing where.
    assertThat(Files.readString(RepositoryRoot.find().resolve("docs/errors.md")).contains(tables))
        .as("docs/errors.md must contain exactly the tables of %s", made)
        .isTrue();
  }

  private static String tables() {
    return problems()
        + table("Fields of a request", "field")
        + table("Strategy files", "strategy")
        + table("Failed operations", "run")
        + table("Warnings", "warning");
  }

  private static String problems() {
    StringBuilder text =
        new StringBuilder(
            """
            ## HTTP problems

            | code | status | means | what to do |
            |---|---|---|---|
            """);
    CODES.values().stream()
        .filter(ProblemCode::isProblem)
        .forEach(code ->
            text.append(
                "| `%s` | %s | %s | %s |\n"
                    .formatted(
                        code.name(),
                        code.statuses().stream()
                            .map(Object::toString)
                            .collect(Collectors.joining(", ")),
                        code.means(),
                        code.remedy())));
    return text.append('\n').toString();
  }

  private static String table(String title, String place) {
    StringBuilder text =
        new StringBuilder(
            """
            ## %s

            | code | means | what to do |
            |---|---|---|
            """
                .formatted(title));
    CODES.values().stream()
        .filter(code -> code.places().contains(place))
        .forEach(code ->
            text.append(
                "| `%s` | %s | %s |\n".formatted(code.name(), code.means(), code.remedy())));
    return text.append('\n').toString();
  }
}
