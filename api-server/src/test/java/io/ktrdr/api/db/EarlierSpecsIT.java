package io.ktrdr.api.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.LocalDate;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;

/** Operations that were accepted by earlier versions can be read, run and tried again. */
final class EarlierSpecsIT {

  private static final Sha256 MODEL = Sha256.of("model".getBytes(StandardCharsets.UTF_8));
  private static final Sha256 DATA = Sha256.of("data".getBytes(StandardCharsets.UTF_8));

  @Test
  void backtestsOfAModelMeanWhatTheyMeant() throws Exception {
    DatabaseAccess database = TestPostgres.emptyDatabase();
    migrations(database).target("13").load().migrate();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into operations
              (id, type, status, queue, spec, metadata, max_attempts, progress)
          values ('op_backtest_20251110_103000_abc12345', 'backtesting', 'pending', 'backtesting', '%s', '{}', 3, '{}')
          """
              .formatted(earlierSpec()));
      migrations(database).load().migrate();
      ResultSet row = statement.executeQuery("select spec from operations");
      assertThat(row.next()).isTrue();
      assertThat(Json.mapper().readValue(row.getString(1), OperationSpec.class))
          .isEqualTo(
              new OperationSpec.Backtest(
                  "s",
                  new OperationSpec.Decider.Model("s/1d_v1", MODEL),
                  new DatasetRef("EURUSD", Timeframe.D1, DATA),
                  LocalDate.of(2024, 1, 1),
                  LocalDate.of(2024, 12, 31),
                  50_000,
                  new Execution(Execution.Fill.NEXT_OPEN, 0.002, 0, 0, 0, 0.0001, 0, 0, 0, true),
                  new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true),
                  "0.1.0"));
    }
  }

  private static String earlierSpec() {
    return """
    {"type": "backtesting", "strategy_name": "s", "model_version": "s/1d_v1", "model_sha256": "%s",
     "dataset": {"symbol": "EURUSD", "timeframe": "1d", "sha256": "%s"},
     "start_date": "2024-01-01", "end_date": "2024-12-31", "initial_capital": 50000.0,
     "commission": 0.002, "slippage": 0.0001, "engine_version": "0.1.0"}
    """
        .formatted(MODEL.hex(), DATA.hex());
  }

  private static FluentConfiguration migrations(DatabaseAccess database) {
    return Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("classpath:db/migrations");
  }
}
