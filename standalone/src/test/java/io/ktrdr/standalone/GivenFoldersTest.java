package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GivenFoldersTest {

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "KTRDR_DATA_DIR",
          "my/prices",
          "KTRDR_STRATEGIES_DIR",
          "/somewhere/strategies",
          "KTRDR_MODELS_DIR",
          " ",
          "KTRDR_CACHE_DIR",
          "/tmp");

  @Test
  void givenFoldersAreTheApisAndAbsoluteAndBlankIsNotGiven() {
    GivenFolders folders = GivenFolders.of(ENVIRONMENT, Path.of("/home/me"));

    assertThat(folders.settings())
        .isEqualTo(
            Map.of(
                "KTRDR_DATA_DIR", "/home/me/my/prices",
                "KTRDR_STRATEGIES_DIR", "/somewhere/strategies"));
    assertThat(folders.lines())
        .containsExactly(
            "  KTRDR_DATA_DIR is yours: /home/me/my/prices",
            "  KTRDR_STRATEGIES_DIR is yours: /somewhere/strategies");
  }

  @Test
  void theDemoKeepsToTheFoldersOfTheCheckout() {
    Map<String, String> demo = GivenFolders.without(ENVIRONMENT);

    assertThat(demo).containsOnlyKeys("KTRDR_CACHE_DIR");
    assertThat(GivenFolders.of(demo, Path.of("/home/me")).settings()).isEmpty();
  }
}
