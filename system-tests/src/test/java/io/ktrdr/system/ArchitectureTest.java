package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The product obeys every rule, and every rule catches its planted offender. */
final class ArchitectureTest {

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(
              "io.ktrdr.protocol",
              "io.ktrdr.market",
              "io.ktrdr.strategy",
              "io.ktrdr.worker",
              "io.ktrdr.backtest",
              "io.ktrdr.training",
              "io.ktrdr.example",
              "io.ktrdr.api",
              "io.ktrdr.cli",
              "io.ktrdr.standalone");

  private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("planted");

  @TestFactory
  Stream<DynamicTest> productObeys() {
    return ArchitectureRules.under("io.ktrdr").entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(PRODUCT)));
  }

  @TestFactory
  Stream<DynamicTest> plantedOffenderIsCaughtBy() {
    return ArchitectureRules.under("planted").entrySet().stream().map(ArchitectureTest::caught);
  }

  private static DynamicTest caught(Map.Entry<String, ArchRule> rule) {
    return DynamicTest.dynamicTest(
        rule.getKey(), () -> assertThat(rule.getValue().evaluate(PLANTED).hasViolation()).isTrue());
  }

  @Test
  void everyModuleWasLookedAt() {
    assertThat(PRODUCT.stream().map(c -> c.getPackageName().split("\\.", -1)[2]).distinct())
        .contains(
            "protocol",
            "market",
            "strategy",
            "worker",
            "backtest",
            "training",
            "example",
            "api",
            "cli",
            "standalone");
  }
}
