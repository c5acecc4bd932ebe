package io.ktrdr.protocol.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.access.TokensFile.Entry;
import io.ktrdr.protocol.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokensFileTest {

  private static final Path NAME = Path.of("tokens.txt");
  private static final ApiToken TOKEN = ApiToken.create(new SecureRandom());

  @TempDir private Path folder;

  @Test
  void whatIsAppendedIsRead() throws IOException {
    Path file = folder.resolve("tokens.txt");
    Entry alice = new Entry("alice", Role.RESEARCHER, TOKEN.sha256());
    Entry bob = new Entry("bob-2", Role.WORKER, ApiToken.create(new SecureRandom()).sha256());
    TokensFile.append(file, alice);
    // As an editor may leave it: a comment, and no end of the last line.
    Files.writeString(file, Files.readString(file) + "\n# workers\n  # of host b");
    TokensFile.append(file, bob);

    assertThat(TokensFile.read(file)).containsExactly(alice, bob);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain(TOKEN.secret());
  }

  @Test
  void aNameIsGivenOnce() throws IOException {
    Path file = folder.resolve("tokens.txt");
    TokensFile.append(file, new Entry("alice", Role.VIEWER, TOKEN.sha256()));
    Entry again = new Entry("alice", Role.OPERATOR, ApiToken.create(new SecureRandom()).sha256());
    assertThatThrownBy(() -> TokensFile.append(file, again))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(file.toString(), "'alice' already");
    assertThat(TokensFile.read(file)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alice researcher | expected 'name role sha256:<hex>'",
        "alice researcher HEX | expected 'name role sha256:<hex>'",
        "alice researcher sha256:HEX extra | expected 'name role sha256:<hex>'",
        "alice researcher sha256:abc | not a SHA-256 digest",
        "alice admin sha256:HEX | not one of viewer, researcher, operator, worker",
        "al/ice viewer sha256:HEX | name 'al/ice' is not",
        "anonymous viewer sha256:HEX | that of those without a token",
        "first viewer sha256:HEX | there is a 'first' above already",
        "second viewer sha256:FIRST | the token of a line above",
      })
  void aBadLineIsNamedWithItsNumber(String line, String why) {
    String first = "a".repeat(64);
    String content =
        "# two\n\nfirst viewer sha256:%s\n%s\n"
            .formatted(first, line.replace("HEX", TOKEN.sha256().hex()).replace("FIRST", first));
    assertThatThrownBy(() -> parse(content))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tokens.txt:4: ")
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({"T operator sha256:D", "alice T sha256:D", "alice operator T", "T", "a b c T"})
  void aTokenInTheWrongPlaceIsNotShown(String line) {
    String content = line.replace("T", TOKEN.secret()).replace("D", TOKEN.sha256().hex());
    assertThatThrownBy(() -> parse(content))
        .hasMessageStartingWith("tokens.txt:1: ")
        .hasMessageNotContaining(TOKEN.secret());
  }

  @Test
  void aFileOfAnySizeIsRefusedInASentence() throws IOException {
    StringBuilder lines = new StringBuilder();
    IntStream.rangeClosed(0, TokensFile.TOKENS_MAX)
        .forEach(n -> lines.append("n%d viewer sha256:%064x\n".formatted(n, n)));
    assertThatThrownBy(() -> parse(lines.toString())).hasMessageContaining("at most 1000");
    Path large = Files.write(folder.resolve("large"), new byte[TokensFile.BYTES_MAX + 1]);
    assertThatThrownBy(() -> TokensFile.read(large)).hasMessageContaining("is larger than");
    assertThatThrownBy(() -> TokensFile.read(folder.resolve("none")))
        .hasMessageContaining("none cannot be read");
  }

  @Test
  void aTokenIsShownByNothingButItself() {
    assertThat(TOKEN.secret()).matches("ktrdr_[A-Za-z0-9_-]{43}");
    assertThat(TOKEN).hasToString("ktrdr_***");
    assertThat(ApiToken.create(new SecureRandom()).secret()).isNotEqualTo(TOKEN.secret());
    assertThat(ApiToken.ofHeader(TOKEN.header()))
        .hasValueSatisfying(token -> assertThat(token.sha256()).isEqualTo(TOKEN.sha256()));
    assertThat(ApiToken.ofHeader("bearer  " + TOKEN.secret() + " ")).isPresent();
    assertThat(ApiToken.ofHeader("Basic " + TOKEN.secret())).isEmpty();
    assertThat(ApiToken.ofHeader("Bearer " + TOKEN.secret() + "x")).isEmpty();

    Settings settings = new Settings(Map.of(ApiToken.SETTING, TOKEN.secret()));
    assertThat(ApiToken.of(settings)).isPresent();
    assertThat(settings.table()).contains(ApiToken.SETTING).doesNotContain(TOKEN.secret());
    String bad = TOKEN.secret() + "\r\nX: y";
    assertThatThrownBy(() -> ApiToken.of(new Settings(Map.of(ApiToken.SETTING, bad))))
        .hasMessageStartingWith("KTRDR_API_TOKEN is not a token")
        .hasMessageNotContaining(TOKEN.secret());
  }

  @ParameterizedTest
  @CsvSource({
    "VIEWER, VIEWER, true",
    "VIEWER, RESEARCHER, false",
    "RESEARCHER, VIEWER, true",
    "OPERATOR, RESEARCHER, true",
    "RESEARCHER, OPERATOR, false",
    "OPERATOR, WORKER, false",
    "WORKER, VIEWER, false",
    "WORKER, WORKER, true",
  })
  void anOperatorMayAllButAWorkersWork(Role held, Role needed, boolean may) {
    assertThat(held.includes(needed)).isEqualTo(may);
  }

  private static void parse(String content) {
    TokensFile.parse(NAME, content.getBytes(StandardCharsets.UTF_8));
  }
}
