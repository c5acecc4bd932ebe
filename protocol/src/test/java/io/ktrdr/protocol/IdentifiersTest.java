package io.ktrdr.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class IdentifiersTest {

  @Test
  void operationIdSaysTypeAndSubmitTimeInUtc() {
    Instant at = Instant.parse("2025-11-10T10:30:00.999Z");
    assertThat(OperationId.create(OperationType.BACKTESTING, at).value())
        .matches("op_backtest_20251110_103000_[0-9a-f]{12}");
    assertThat(OperationId.create(OperationType.TRAINING, at).value())
        .matches("op_training_20251110_103000_[0-9a-f]{12}");
  }

  @Test
  void operationIdRefusesWhatIsNone() {
    assertThatThrownBy(() -> OperationId.parse("op_backtest_1; drop table operations"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not an operation id");
  }

  @Test
  void guideExampleIdIsOne() {
    assertThat(OperationId.parse("op_backtest_20251110_103000_abc123").value()).isNotEmpty();
  }

  @Test
  void workerIdRefusesPathsAndBlanks() {
    assertThatThrownBy(() -> new WorkerId("../etc")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WorkerId("")).isInstanceOf(IllegalArgumentException.class);
    assertThat(new WorkerId("backtest-worker_1").value()).isEqualTo("backtest-worker_1");
  }

  @Test
  void databaseUrlIsReadInBothForms() {
    DatabaseUrl expected = new DatabaseUrl("jdbc:postgresql://db:5433/ktrdr", "u", "p@ss");
    assertThat(DatabaseUrl.parse("postgresql://u:p%40ss@db:5433/ktrdr")).isEqualTo(expected);
    assertThat(DatabaseUrl.parse("jdbc:postgresql://u:p%40ss@db:5433/ktrdr")).isEqualTo(expected);
    assertThat(DatabaseUrl.parse("postgres://u:x@db/ktrdr").jdbcUrl())
        .isEqualTo("jdbc:postgresql://db:5432/ktrdr");
  }

  @Test
  void databaseUrlKeepsItsParametersAndTakesAuthoritiesWhenItAsksForACheck() {
    Path file = Path.of("/etc/ktrdr/our ca.crt");
    DatabaseUrl checked = DatabaseUrl.parse("postgresql://u:x@db/k?sslmode=verify-full");
    assertThat(checked.jdbcUrl()).isEqualTo("jdbc:postgresql://db:5432/k?sslmode=verify-full");
    assertThat(checked.withRootCertificates(file).jdbcUrl())
        .isEqualTo(checked.jdbcUrl() + "&sslrootcert=%2Fetc%2Fktrdr%2Four+ca.crt");
    DatabaseUrl named = DatabaseUrl.parse("postgresql://u:x@db/k?sslmode=verify-ca&sslrootcert=/a");
    assertThat(named.withRootCertificates(file)).isEqualTo(named);
    DatabaseUrl plain = DatabaseUrl.parse("postgresql://u:x@db/k");
    assertThat(plain.withRootCertificates(file)).isEqualTo(plain);
  }

  @Test
  void databaseUrlErrorKeepsThePasswordOut() {
    assertThatThrownBy(() -> DatabaseUrl.parse("mysql://u:secret@db/ktrdr"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
    assertThat(DatabaseUrl.parse("postgresql://u:secret@db/k").toString()).doesNotContain("secret");
  }
}
