package io.ktrdr.benchmarks;

import io.ktrdr.standalone.DatabaseAccess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The questions the benchmarks ask of Postgres, each over a connection of its own. */
record BenchDatabase(DatabaseAccess access) {

  void execute(String sql) {
    try (Connection connection = access.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Rows as texts; null columns as {@code ""}. */
  List<List<String>> rows(String sql) {
    try (Connection connection = access.connect();
        Statement statement = connection.createStatement();
        ResultSet rs = statement.executeQuery(sql)) {
      List<List<String>> rows = new ArrayList<>();
      while (rs.next()) {
        List<String> row = new ArrayList<>();
        for (int c = 1; c <= rs.getMetaData().getColumnCount(); c++) {
          String value = rs.getString(c);
          row.add(value == null ? "" : value);
        }
        rows.add(row);
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  long number(String sql) {
    return (long) Double.parseDouble(rows(sql).getFirst().getFirst());
  }

  double decimal(String sql) {
    String value = rows(sql).getFirst().getFirst();
    return value.isEmpty() ? Double.NaN : Double.parseDouble(value);
  }

  long open() {
    return number(
        "select count(*) from operations where status in ('pending', 'running', 'cancelling')");
  }

  /** Empties every table that grows, so that each benchmark starts from the same size. */
  void clear() {
    // Models refer to operations, so that emptying those empties these; they are kept aside.
    execute(
        """
        create temporary table kept as table models;
        truncate operations cascade;
        insert into models select * from kept;
        drop table kept
        """);
    // No analyze: statements planned for tables known to be empty would read all of them, later.
    execute("checkpoint");
  }

  /** Commits so far, of everything that talks to the database. */
  long commits() {
    return number("select xact_commit from pg_stat_database where datname = current_database()");
  }

  /**
   * What is wrong with the books, as sentences; empty when every operation was completed by exactly
   * one run, with one end in its history, and no message waits.
   *
   * @param attemptsMax runs an operation may have: more than one only where workers were killed
   */
  List<String> audit(long expected, int attemptsMax) {
    List<String> wrong = new ArrayList<>();
    check(wrong, expected, "operations", "select count(*) from operations");
    check(
        wrong,
        expected,
        "completed operations",
        "select count(*) from operations where status = 'completed' and result is not null");
    check(
        wrong, expected, "completed runs", "select count(*) from runs where outcome = 'completed'");
    check(
        wrong,
        expected,
        "operations with one completed run",
        "select count(distinct operation_id) from runs where outcome = 'completed'");
    check(
        wrong,
        expected,
        "ends in the history",
        "select count(*) from operation_events where type like '%completed'");
    check(
        wrong,
        0,
        "gaps in the history",
        """
        select count(*) from (
          select operation_id from operation_events
          group by operation_id having max(seq) <> count(*)) gaps
        """);
    check(wrong, 0, "open runs", "select count(*) from runs where ended_at is null");
    check(wrong, 0, "waiting messages", "select count(*) from outbox where published_at is null");
    check(
        wrong,
        0,
        "operations with too many attempts",
        "select count(*) from runs where attempt > " + attemptsMax);
    return wrong;
  }

  private void check(List<String> wrong, long expected, String what, String sql) {
    long found = number(sql);
    if (found != expected) {
      wrong.add("%s: %d, expected %d".formatted(what, found, expected));
    }
  }
}
