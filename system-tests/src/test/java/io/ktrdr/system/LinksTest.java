package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of the documentation to a file of the repository leads somewhere. */
final class LinksTest {

  private static final Path ROOT = RepositoryRoot.find();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s#]+)(#[^)\\s]*)?\\)");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]*`");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

  /** Built, fetched or of the version control. */
  private static final Set<String> NOT_OURS = Set.of("target", ".ktrdr", ".git", "node_modules");

  @Test
  void everyRelativeLinkLeadsToAFile() throws IOException {
    List<Path> pages = pages();
    assertThat(pages).hasSizeGreaterThan(20);
    List<String> broken = new ArrayList<>();
    for (Path page : pages) {
      Matcher link = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll(""));
      while (link.find()) {
        String target = link.group(1);
        if (!ELSEWHERE.matcher(target).matches()
            && !Files.exists(page.resolveSibling(target).normalize())) {
          broken.add("%s: %s".formatted(ROOT.relativize(page), target));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> {
            for (Path part : ROOT.relativize(file)) {
              if (NOT_OURS.contains(part.toString())) {
                return false;
              }
            }
            return true;
          })
          .toList();
    }
  }
}
