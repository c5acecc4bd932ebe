package io.ktrdr.api;

import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A token of each role, named {@code the-viewer} and so on, in a file. */
final class TestTokens {

  private final Map<Role, ApiToken> tokens = new EnumMap<>(Role.class);
  private final Path file;

  TestTokens(Path folder) throws IOException {
    file = folder.resolve("tokens.txt");
    for (Role role : Role.values()) {
      ApiToken token = ApiToken.create(new SecureRandom());
      tokens.put(role, token);
      TokensFile.append(file, new TokensFile.Entry("the-" + role.wireName(), role, token.sha256()));
    }
  }

  Path file() {
    return file;
  }

  AccessSettings settings() {
    return new AccessSettings(Optional.of(file), false, 0, 0);
  }

  /** The header's value. */
  String of(Role role) {
    return Objects.requireNonNull(tokens.get(role)).header();
  }
}
