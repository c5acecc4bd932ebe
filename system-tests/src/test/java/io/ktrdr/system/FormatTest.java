package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One formatter: google-java-format. Formatting is checked here, so on whatever JDK Maven runs. */
final class FormatTest {

  @Test
  void everySourceFileIsFormatted() throws IOException {
    Path root = RepositoryRoot.find();
    List<String> unformatted = new ArrayList<>();
    for (Path file : sources(root)) {
      if (!isFormatted(Files.readString(file))) {
        unformatted.add(root.relativize(file).toString());
      }
    }
    assertThat(unformatted).as("run ./ktrdr fmt").isEmpty();
  }

  private static boolean isFormatted(String source) {
    try {
      String ordered =
          RemoveUnusedImports.removeUnusedImports(
              ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE));
      return new Formatter().formatSource(ordered).equals(source);
    } catch (FormatterException e) {
      return false;
    }
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
