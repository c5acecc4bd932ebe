package io.ktrdr.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EngineVersionTest {

  @Test
  void itIsThatOfTheJarAndOutsideOneThatAtSubmit() {
    assertThat(EngineVersion.of(Test.class).orSubmitted("at submit")).matches("\\d+\\..*");
    assertThat(EngineVersion.of(EngineVersionTest.class).orSubmitted("at submit"))
        .isEqualTo("at submit");
  }
}
