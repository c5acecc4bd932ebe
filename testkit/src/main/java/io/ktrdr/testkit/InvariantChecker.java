package io.ktrdr.testkit;

import io.ktrdr.standalone.DatabaseAccess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The promises I1 to I9 of ARCHITECTURE.md, held against Postgres, RabbitMQ and the API of one
 * system that has come to rest. Each violation names its invariant and the offending rows. Reads
 * only. Thread-safe.
 */
public final class InvariantChecker {

  /** Offending rows named in one violation. */
  private static final int ROWS_MAX = 10;

  private final DatabaseAccess database;
  private final Surroundings surroundings;

  /**
   * What there is around the database.
   *
   * @param broker asked for its queues
   * @param apiUrl asked for its feed; no trailing slash
   */
  public record Surroundings(TestVirtualHost broker, String apiUrl) {}

  /**
   * What a test knows and the system cannot.
   *
   * @param accepted ids answered with 202
   * @param attemptsAtMost attempts that faults may have used up: one a fault, none for a deploy
   * @param liveWorkers ids of the worker processes that run
   * @param parkedByHand dead letters of no operation, which the test itself caused
   */
  public record Expected(
      Collection<String> accepted,
      int attemptsAtMost,
      Collection<String> liveWorkers,
      int parkedByHand) {

    /** Copies its collections. */
    public Expected {
      accepted = List.copyOf(accepted);
      liveWorkers = List.copyOf(liveWorkers);
    }
  }

  /**
   * A broken promise.
   *
   * @param invariant {@code I1} to {@code I9}
   * @param sentence what is wrong
   * @param rows the offending rows, the first few
   */
  public record Violation(String invariant, String sentence, List<String> rows) {

    /** Copies its rows. */
    public Violation {
      rows = List.copyOf(rows);
    }

    @Override
    public String toString() {
      return "%s %s: %s".formatted(invariant, sentence, String.join("; ", rows));
    }
  }

  /** A query whose every row is an offence. */
  private record Rule(String invariant, String sentence, String sql) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "I1",
              "an operation has not ended although all is quiet",
              """
              select id, status, attempt from operations
              where status not in ('completed', 'failed', 'cancelled')
              """),
          new Rule(
              "I1",
              "an operation ended more than once without another attempt between",
              """
              select operation_id, string_agg(type, ' ' order by seq) from operation_events e
              where type in ('operation.completed', 'operation.failed', 'operation.cancelled')
                and not exists (
                  select 1 from operation_events later
                  where later.operation_id = e.operation_id and later.seq > e.seq
                    and (later.type in ('operation.retried', 'operation.resumed')
                      or later.type = 'operation.started' and later.attempt > e.attempt))
              group by operation_id having count(*) > 1
              """),
          new Rule(
              "I2",
              "more than one run of an operation completed",
              """
              select operation_id, string_agg(attempt::text, ' ' order by attempt) from runs
              where outcome = 'completed' group by operation_id having count(*) > 1
              """),
          new Rule(
              "I2",
              "the stored result is not the highest attempt's",
              """
              select o.id, o.attempt, r.attempt as newest, r.outcome
              from operations o
              join lateral (
                select attempt, outcome from runs where operation_id = o.id
                order by attempt desc limit 1) r on true
              where o.status = 'completed' and (o.attempt <> r.attempt or r.outcome <> 'completed')
              """),
          new Rule(
              "I2",
              "there is a result without a run that completed, or a completed run without it",
              """
              select o.id, o.status, (o.result is not null) as has_result
              from operations o
              where (o.status = 'completed') <> exists (
                select 1 from runs r where r.operation_id = o.id and r.outcome = 'completed')
              """),
          new Rule(
              "I3",
              "an attempt began again, or after a later one",
              """
              select operation_id, seq, attempt, before from (
                select operation_id, seq, attempt,
                       max(attempt) over (partition by operation_id order by seq
                         rows between unbounded preceding and 1 preceding) as before
                from operation_events where type = 'operation.started') started
              where attempt <= before
              """),
          new Rule(
              "I3",
              "something happened to an operation after its end",
              """
              select e.operation_id, e.seq, e.type from operation_events e
              join operation_events ended on ended.operation_id = e.operation_id
                and ended.seq < e.seq
                and ended.type in ('operation.completed', 'operation.failed', 'operation.cancelled')
              where e.type in ('operation.started', 'operation.progressed', 'operation.completed',
                               'operation.failed', 'operation.cancelled')
                and not exists (
                  select 1 from operation_events again
                  where again.operation_id = e.operation_id
                    and again.seq > ended.seq and again.seq <= e.seq
                    and (again.type in ('operation.retried', 'operation.resumed')
                      or again.type = 'operation.started' and again.attempt > ended.attempt))
              """),
          new Rule(
              "I4",
              "a message waits in the outbox although all is quiet",
              """
              select id, operation_id, tries, last_error from outbox where published_at is null
              """),
          new Rule(
              "I5",
              "the history of an operation has a gap",
              """
              select o.id, o.last_event_seq, count(e.seq) as events, max(e.seq) as newest
              from operations o left join operation_events e on e.operation_id = o.id
              group by o.id, o.last_event_seq
              having count(e.seq) <> o.last_event_seq or coalesce(max(e.seq), 0) <> o.last_event_seq
              """),
          new Rule(
              "I5",
              "an event was recorded twice",
              "select event_id, count(*) from operation_events group by event_id having count(*) >"
                  + " 1"),
          new Rule(
              "I7",
              "an operation has more attempts than it may",
              """
              select o.id, o.max_attempts, count(*) from operations o
              join runs r on r.operation_id = o.id
                and r.outcome in ('failed', 'lost') and r.attempt > o.attempts_forgiven
              group by o.id, o.max_attempts having count(*) > o.max_attempts
              """),
          new Rule(
              "I8",
              "equal operations have unequal results",
              """
              select spec ->> 'startDate', spec ->> 'endDate', spec ->> 'initialCapital',
                     string_agg(distinct id, ' ')
              from operations where status = 'completed'
              group by spec having count(distinct result - 'model_version' - 'model_path') > 1
              """),
          new Rule(
              "I9",
              "a run is open although all is quiet",
              "select operation_id, attempt, worker_id from runs where ended_at is null"),
          new Rule(
              "I9",
              "a worker says it is busy although all is quiet",
              """
              select worker_id, current_operation_id from workers
              where current_operation_id is not null
                and last_heartbeat_at > now() - interval '7 s'
              """));

  /** A checker of one system. */
  public InvariantChecker(DatabaseAccess database, Surroundings surroundings) {
    this.database = database;
    this.surroundings = surroundings;
  }

  /** Every broken promise; empty when all hold. */
  public List<Violation> check(Expected expected) {
    List<Violation> violations = new ArrayList<>(checkDatabase(expected));
    violations.addAll(new BrokerInvariants(surroundings.broker()).check(this, expected));
    violations.addAll(new FeedInvariants(surroundings.apiUrl()).check(this));
    return List.copyOf(violations);
  }

  /** The promises that rows alone can break. */
  List<Violation> checkDatabase(Expected expected) {
    List<Violation> violations = new ArrayList<>();
    for (Rule rule : RULES) {
      add(violations, rule.invariant(), rule.sentence(), rows(rule.sql()));
    }
    Set<String> known = Set.copyOf(rows("select id from operations"));
    add(
        violations,
        "I1",
        "an accepted operation does not exist",
        expected.accepted().stream().filter(id -> !known.contains(id)).toList());
    add(violations, "I9", "the registry does not list a live worker", unlisted(expected));
    add(violations, "I9", "the registry lists a worker that does not run", unreal(expected));
    List<String> spent =
        rows(
            "select operation_id, attempt, outcome, reason from runs where outcome = 'lost'"
                + " or (outcome = 'failed' and operation_id not in"
                + " (select id from operations where status = 'failed'))");
    if (spent.size() > expected.attemptsAtMost()) {
      add(
          violations,
          "I7",
          "%d attempts were used up, at most %d by faults"
              .formatted(spent.size(), expected.attemptsAtMost()),
          spent);
    }
    return violations;
  }

  /** A live worker beats every five seconds. */
  private List<String> unlisted(Expected expected) {
    List<String> listed = beating();
    return expected.liveWorkers().stream().filter(id -> !listed.contains(id)).toList();
  }

  private List<String> unreal(Expected expected) {
    return beating().stream().filter(id -> !expected.liveWorkers().contains(id)).toList();
  }

  private List<String> beating() {
    return rows("select worker_id from workers where last_heartbeat_at > now() - interval '7 s'");
  }

  /** Adds a violation when there are offenders. */
  static void add(
      List<Violation> violations, String invariant, String sentence, List<String> offenders) {
    if (!offenders.isEmpty()) {
      violations.add(
          new Violation(
              invariant,
              sentence + " (" + offenders.size() + ")",
              offenders.stream().limit(ROWS_MAX).toList()));
    }
  }

  /** Rows of a query, each as its columns joined by a bar. */
  List<String> rows(String sql) {
    return query(
        sql,
        result -> {
          List<String> columns = new ArrayList<>();
          for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
            columns.add(text(result, c));
          }
          return String.join(" | ", columns);
        });
  }

  @FunctionalInterface
  private interface RowReader<T> {
    T read(ResultSet result) throws SQLException;
  }

  private <T> List<T> query(String sql, RowReader<T> reader) {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet result = statement.executeQuery()) {
      List<T> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(reader.read(result));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static String text(ResultSet result, int column) throws SQLException {
    return String.valueOf(result.getString(column));
  }
}
