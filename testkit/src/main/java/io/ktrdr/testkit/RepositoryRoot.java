package io.ktrdr.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository is, whichever module's folder the tests run in. */
public final class RepositoryRoot {

  private RepositoryRoot() {}

  /**
   * The nearest folder, from the working folder upwards, that holds the Maven wrapper.
   *
   * @throws IllegalStateException outside a checkout
   */
  public static Path find() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("mvnw")) && Files.isDirectory(folder.resolve("protocol"))) {
        return folder;
      }
    }
    throw new IllegalStateException("No KTRDR checkout around " + start);
  }
}
