package io.ktrdr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making tokens, and sending them. */
final class TokensCommandTest {

  @TempDir private Path folder;

  @Test
  void theLineInTheFileIsThatOfTheTokenThatIsShown() throws IOException {
    Path file = folder.resolve("tokens.txt");
    Said said = create("alice", "researcher", file);
    assertThat(said.exitCode()).as(said.err()).isZero();
    JsonNode made = Json.mapper().readTree(said.out());
    TokensFile.Entry entry = TokensFile.read(file).getFirst();
    assertThat(entry.name()).isEqualTo("alice");
    assertThat(entry.role()).isEqualTo(Role.RESEARCHER);
    assertThat(entry.sha256()).isEqualTo(ApiToken.parse(made.path("token").asText()).sha256());
    assertThat(made.path("line").asText()).isEqualTo(entry.line());
    assertThat(Files.readString(file)).doesNotContain(made.path("token").asText());
  }

  @Test
  void withoutAFileTheLineIsShownToBePasted() {
    Said said = Said.by(Map.of(), "tokens", "create", "--name", "bob", "--role", "worker");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out())
        .containsPattern("Token of bob \\(worker\\).*\\R  ktrdr_[A-Za-z0-9_-]{43}\\R")
        .containsPattern("\\R  bob worker sha256:[0-9a-f]{64}\\R");
  }

  @Test
  void aNameThatIsTakenOrNoneIsRefusedAndNoTokenShown() {
    Path file = folder.resolve("tokens.txt");
    assertThat(create("alice", "viewer", file).exitCode()).isZero();
    Said again = create("alice", "operator", file);
    assertThat(again.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(again.out()).contains("TOKEN_NOT_MADE", "'alice' already").doesNotContain("ktrdr_");
    assertThat(TokensFile.read(file)).hasSize(1);
    assertThat(create("a b", "viewer", file).out()).contains("name 'a b' is not");
    assertThat(create("carol", "admin", file).exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void theTokenIsSentFromVariableOrFile() throws IOException {
    ApiToken token = ApiToken.create(new SecureRandom());
    Path file = Files.writeString(folder.resolve("token"), token.secret() + "\n");
    try (StubApi api = new StubApi()) {
      api.on("GET /api/v1/models", "{\"models\": []}");
      String[] models = {"models", "list", "--url", api.url()};
      assertThat(Said.by(Map.of(), models).exitCode()).isZero();
      assertThat(Said.by(Map.of("KTRDR_API_TOKEN", token.secret()), models).exitCode()).isZero();
      assertThat(Said.by(Map.of("KTRDR_API_TOKEN_FILE", file.toString()), models).exitCode())
          .isZero();
      assertThat(api.authorizations()).containsExactly("", token.header(), token.header());

      Said wrong = Said.by(Map.of("KTRDR_API_TOKEN", "hunter2"), models);
      assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(wrong.err()).contains("KTRDR_API_TOKEN is not a token").doesNotContain("hunter2");
    }
  }

  private static Said create(String name, String role, Path file) {
    return Said.by(
        Map.of(),
        "tokens",
        "create",
        "--name",
        name,
        "--role",
        role,
        "--file",
        file.toString(),
        "--json");
  }
}
