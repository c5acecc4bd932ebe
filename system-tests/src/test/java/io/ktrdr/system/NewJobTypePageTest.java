package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Java that docs/new-job-type.md shows is the Java of the module it shows it from. */
final class NewJobTypePageTest {

  /** A link to a source file, then the code that is said to be in it. */
  private static final Pattern SNIPPET =
      Pattern.compile(
          "\\]\\((\\.\\./jobs-example/[^)]+\\.java)\\)[^`]*```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySnippetIsInItsFile() throws IOException {
    Path docs = RepositoryRoot.find().resolve("docs");
    String page = Files.readString(docs.resolve("new-job-type.md"));
    Set<String> shown = new HashSet<>();
    Matcher snippet = SNIPPET.matcher(page);
    while (snippet.find()) {
      Path file = docs.resolve(snippet.group(1)).normalize();
      assertThat(Files.readString(file)).contains(snippet.group(2));
      shown.add(String.valueOf(file.getFileName()));
    }
    assertThat(shown)
        .containsExactlyInAnyOrder(
            "PiHandler.java", "ExampleWorkerMain.java", "PiHandlerTest.java");
    assertThat(page.split("```java", -1)).as("snippets, each below its file").hasSize(4);
  }
}
