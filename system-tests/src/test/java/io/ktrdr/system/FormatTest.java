package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One formatter: google-java-format. Formatting is checked here, so on whatever JDK Maven runs. */
final class FormatTest {

  @Test
  void everySourceFileIsFormatted() throws IOException {
    Path root = RepositoryRoot.find();
    List<String> arguments = new ArrayList<>(List.of("--dry-run"));
    sources(root).forEach(file -> arguments.add(file.toString()));
    StringWriter unformatted = new StringWriter();
    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    int code =
        formatter.run(
            new PrintWriter(unformatted),
            new PrintWriter(unformatted),
            arguments.toArray(String[]::new));
    assertThat(unformatted.toString()).as("run ./ktrdr fmt").isEmpty();
    assertThat(code).isZero();
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> modules;
    try (Stream<Path> children = Files.list(root)) {
      modules = children.map(child -> child.resolve("src")).filter(Files::isDirectory).toList();
    }
    List<Path> sources = new ArrayList<>();
    for (Path module : modules) {
      try (Stream<Path> files = Files.walk(module)) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    assertThat(sources).hasSizeGreaterThan(100);
    return sources;
  }
}
