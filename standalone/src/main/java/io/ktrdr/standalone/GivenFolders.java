package io.ktrdr.standalone;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Folders of the API that whoever runs {@code ./ktrdr up} has given in the environment; they are
 * used instead of the checkout's own.
 *
 * @param settings by the setting's name, absolute
 */
record GivenFolders(Map<String, String> settings) {

  private static final List<String> NAMES =
      List.of("KTRDR_DATA_DIR", "KTRDR_STRATEGIES_DIR", "KTRDR_MODELS_DIR");

  GivenFolders {
    settings = Map.copyOf(settings);
  }

  /**
   * @param current what relative ones begin at: the folder the command was given in, which is not
   *     that of the processes it starts
   */
  static GivenFolders of(Map<String, String> environment, Path current) {
    Map<String, String> settings = new HashMap<>();
    for (String name : NAMES) {
      String given = environment.getOrDefault(name, "");
      if (!given.isBlank()) {
        settings.put(name, current.resolve(given).toAbsolutePath().normalize().toString());
      }
    }
    return new GivenFolders(settings);
  }

  /** Of this process. */
  static GivenFolders here() {
    return of(System.getenv(), Path.of(""));
  }

  /** An environment that gives none. */
  static Map<String, String> without(Map<String, String> environment) {
    Map<String, String> others = new HashMap<>(environment);
    NAMES.forEach(others::remove);
    return others;
  }

  /** What to say of each. */
  List<String> lines() {
    return NAMES.stream()
        .filter(settings::containsKey)
        .map(name -> "  %s is yours: %s".formatted(name, settings.get(name)))
        .toList();
  }
}
