package io.ktrdr.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.InvariantChecker.Expected;
import io.ktrdr.testkit.InvariantChecker.Surroundings;
import io.ktrdr.testkit.InvariantChecker.Violation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each promise, broken by hand in a database of a healthy system, is found and named. */
final class InvariantCheckerIT {

  private static final String HEALTHY =
      """
      insert into operations (id, type, queue, status, spec, metadata, max_attempts, progress,
                              attempt, settled_attempt, result, completed_at, last_event_seq)
      values
        ('op_a', 'backtesting', 'backtesting', 'completed', '{"initialCapital": 1}', '{}', 3, '{}', 2, 2,
         '{"x": 1}', now(), 5),
        ('op_b', 'backtesting', 'backtesting', 'completed', '{"initialCapital": 1}', '{}', 3, '{}', 1, 1,
         '{"x": 1}', now(), 2);
      insert into runs (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url,
                        ended_at, outcome)
      values
        ('00000000-0000-0000-0000-0000000000a1', 'op_a', 1, 'w-1', gen_random_uuid(), '', now(),
         'lost'),
        ('00000000-0000-0000-0000-0000000000a2', 'op_a', 2, 'w-2', gen_random_uuid(), '', now(),
         'completed'),
        ('00000000-0000-0000-0000-0000000000b1', 'op_b', 1, 'w-2', gen_random_uuid(), '', now(),
         'completed');
      insert into operation_events (operation_id, seq, event_id, type, attempt)
      values
        ('op_a', 1, gen_random_uuid(), 'operation.submitted', null),
        ('op_a', 2, gen_random_uuid(), 'operation.started', 1),
        ('op_a', 3, gen_random_uuid(), 'run.lost', 1),
        ('op_a', 4, gen_random_uuid(), 'operation.started', 2),
        ('op_a', 5, gen_random_uuid(), 'operation.completed', 2),
        ('op_b', 1, gen_random_uuid(), 'operation.submitted', null),
        ('op_b', 2, gen_random_uuid(), 'operation.completed', 1);
      insert into outbox (operation_id, exchange, routing_key, body, published_at)
      values ('op_a', 'operations', 'backtesting', '{}', now());
      insert into workers (worker_id, worker_type, instance_id, endpoint_url, capabilities, version)
      values ('w-2', 'backtesting', gen_random_uuid(), '', '{}', '1');
      """;

  private static final Expected EXPECTED =
      new Expected(List.of("op_a", "op_b"), 1, List.of("w-2"), 0);

  @SuppressWarnings("NullAway.Init")
  private DatabaseAccess database;

  @SuppressWarnings("NullAway.Init")
  private InvariantChecker checker;

  @BeforeEach
  void plantAHealthySystem() {
    database = TestPostgres.freshDatabase();
    execute(HEALTHY);
    BrokerAccess nowhere = new BrokerAccess("amqp://nowhere", "", "", "", "/");
    checker =
        new InvariantChecker(database, new Surroundings(new TestVirtualHost(nowhere), "unused"));
  }

  @Test
  void findsNothingInAHealthySystem() {
    assertThat(checker.checkDatabase(EXPECTED)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          I1 | op_b | update operations set status = 'running', completed_at = null, result = null where id = 'op_b'
          I1 | op_b | insert into operation_events values ('op_b', 3, gen_random_uuid(), 'operation.failed', 1)
          I2 | op_a | update runs set outcome = 'completed' where operation_id = 'op_a'
          I2 | op_a | update operations set attempt = 1 where id = 'op_a'
          I2 | op_b | update operations set status = 'failed', error_message = 'x' where id = 'op_b'
          I3 | op_a | update operation_events set attempt = 1 where operation_id = 'op_a' and seq = 4
          I3 | op_b | insert into operation_events values ('op_b', 3, gen_random_uuid(), 'operation.progressed', 1)
          I4 | op_a | update outbox set published_at = null
          I5 | op_a | delete from operation_events where operation_id = 'op_a' and seq = 3
          I5 | op_b | update operations set last_event_seq = 7 where id = 'op_b'
          I7 | op_a | update operations set max_attempts = 1 where id = 'op_a'; insert into runs (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url, ended_at, outcome) values (gen_random_uuid(), 'op_a', 9, 'w', gen_random_uuid(), '', now(), 'lost')
          I8 | op_b | update operations set result = '{"x": 2}' where id = 'op_b'
          I9 | op_b | update runs set ended_at = null, outcome = null where operation_id = 'op_b'
          I9 | w-2 | update workers set current_operation_id = 'op_a'
          I9 | w-2 | update workers set last_heartbeat_at = now() - interval '1 min'
          I9 | w-3 | update workers set worker_id = 'w-3'
          """)
  void namesTheInvariantAndTheRow(String invariant, String row, String plant) {
    execute(plant);
    List<Violation> violations = checker.checkDatabase(EXPECTED);
    assertThat(violations)
        .anySatisfy(violation -> {
          assertThat(violation.invariant()).isEqualTo(invariant);
          assertThat(violation.toString()).contains(row);
        });
  }

  @Test
  void anEventRecordedTwiceIsFoundEvenWithoutTheConstraint() {
    execute("alter table operation_events drop constraint operation_events_once");
    execute("update operation_events set event_id = '00000000-0000-0000-0000-000000000001'");
    assertThat(checker.checkDatabase(EXPECTED))
        .extracting(Violation::invariant)
        .containsExactly("I5");
  }

  @Test
  void attemptsBeyondTheFaultsAreCounted() {
    Expected noFault = new Expected(EXPECTED.accepted(), 0, EXPECTED.liveWorkers(), 0);
    assertThat(checker.checkDatabase(noFault))
        .singleElement()
        .asString()
        .contains("I7", "op_a", "lost");
  }

  @Test
  void anAcceptedOperationThatIsGoneIsFound() {
    Expected more = new Expected(List.of("op_a", "op_b", "op_c"), 1, List.of("w-2"), 0);
    assertThat(checker.checkDatabase(more)).singleElement().asString().contains("I1", "op_c");
  }

  private void execute(String sql) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }
}
