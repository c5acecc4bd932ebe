package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.settings.SettingNames;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page explains every setting there is, and none that there is not. */
final class ConfigurationPageTest {

  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z_<>]+)` \\|");

  @Test
  void thePageAndTheCodeKnowTheSameSettings() throws IOException {
    String page = Files.readString(RepositoryRoot.find().resolve("docs/configuration.md"));
    Set<String> documented =
        ROW.matcher(page)
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(SettingNames.all());
  }
}
