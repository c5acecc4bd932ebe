package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.cli.KtrdrCli;
import io.ktrdr.protocol.Json;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code ktrdr} client as people and scripts use it: a process, its output, its exit code. */
@SuppressWarnings("NullAway.Init")
final class ClientIT {

  private static final int LIMIT_SECONDS = 60;
  private static final List<String> BACKTEST =
      List.of(
          "backtests",
          "start",
          "--strategy",
          "neuro_mean_reversion",
          "--model",
          "neuro_mean_reversion/1d_v21",
          "--symbol",
          "EURUSD",
          "--timeframe",
          "1d",
          "--start-date",
          "2024-01-01",
          "--end-date",
          "2024-12-31");

  private static TestSystem system;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    system =
        TestSystem.start(
            SystemPlan.apiOnly()
                .withApiVariable("KTRDR_JOB_TYPES", "pi")
                .withWorkers(1, 0)
                .withWorkerVariable("KTRDR_BACKTEST_BAR_DELAY_MS", "40"));
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  private record Said(int exitCode, String out, String err) {
    JsonNode json() throws IOException {
      return Json.mapper().readTree(out);
    }
  }

  @Test
  void anOperationIsSubmittedCancelledTriedAgainAndFollowedToItsEnd()
      throws IOException, InterruptedException {
    List<String> submit = new ArrayList<>(BACKTEST);
    submit.addAll(List.of("--idempotency-key", "client-1"));
    String id = json(submit).path("operation_id").asText();
    assertThat(json(submit).path("operation_id").asText()).isEqualTo(id);

    Said refused = ktrdr(List.of("operations", "retry", id));
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(id, "only failed and cancelled operations");

    Said cancelled = ktrdr(List.of("operations", "cancel", id, "--reason", "typo"));
    assertThat(cancelled.exitCode()).isZero();
    assertThat(cancelled.out()).contains(id);
    assertThat(ktrdr(List.of("operations", "follow", id)).exitCode()).isEqualTo(3);
    assertThat(json(List.of("operations", "get", id)).path("cancellation_reason").asText())
        .isEqualTo("typo");
    Said again = ktrdr(List.of("operations", "cancel", id, "--json"));
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.json().path("code").asText()).isEqualTo("OPERATION_ENDED");

    assertThat(json(List.of("operations", "retry", id)).path("status").asText())
        .isEqualTo("pending");
    assertThat(ktrdr(List.of("operations", "follow", id)).exitCode()).isZero();
    assertThat(ktrdr(List.of("operations", "attempts", id)).out()).contains("completed");
    assertThat(ktrdr(List.of("operations", "events", id)).out())
        .contains("operation.submitted", "operation.retried", "operation.completed");
  }

  @Test
  void operationsOfAnyTypeAndDemandAreSubmitted() throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("pi.json"), "{\"seed\": 7}");
    List<String> submit =
        List.of("operations", "submit", "pi", "--param", "samples=1000", "--min-cores", "1000");
    List<String> withFile = new ArrayList<>(submit);
    withFile.addAll(List.of("--parameters-file", file.toString()));
    JsonNode pi = submitted(withFile);
    assertThat(pi.at("/metadata/parameters").toString()).isEqualTo("{\"seed\":7,\"samples\":1000}");
    assertThat(pi.path("queue").asText()).isEqualTo("operations.pi.cores1000");

    List<String> backtest = new ArrayList<>(BACKTEST);
    backtest.addAll(List.of("--requires-gpu", "--min-memory-gb", "60000"));
    assertThat(submitted(backtest).path("queue").asText())
        .isEqualTo("operations.backtesting.gpu.mem60000");

    Said unknown = ktrdr(List.of("operations", "submit", "pie"));
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("valid are: backtesting, training, pi");
  }

  /** The operation, of which nothing is left to do. */
  private JsonNode submitted(List<String> arguments) throws IOException, InterruptedException {
    String id = json(arguments).path("operation_id").asText();
    assertThat(ktrdr(List.of("operations", "cancel", id)).exitCode()).isZero();
    return json(List.of("operations", "get", id));
  }

  @Test
  void operatorsAreToldHowThingsStandAndWhatToDo() throws IOException, InterruptedException {
    Said doctor = ktrdr(List.of("doctor"));
    assertThat(doctor.exitCode()).as(doctor.out()).isZero();
    assertThat(doctor.out()).contains("OK    database.migrations", "consumers.backtesting");
    assertThat(json(List.of("doctor")).path("checks").isEmpty()).isFalse();
    assertThat(ktrdr(List.of("admin", "reconcile")).out()).contains("backtesting", "REPUBLISHED");
    assertThat(json(List.of("admin", "reconcile")).at("/types/training/pending").asInt()).isZero();
    assertThat(ktrdr(List.of("dead-letters", "list")).out()).contains("No dead letters");
    assertThat(json(List.of("dead-letters", "requeue", "--all")).path("requeued").asInt()).isZero();
    assertThat(ktrdr(List.of("dead-letters", "requeue")).exitCode()).isEqualTo(2);
    assertThat(ktrdr(List.of("dead-letters", "discard", "nonsense")).err())
        .contains("no dead letter nonsense");
  }

  @Test
  void nobodyIsLeftWithAStackTrace() throws IOException, InterruptedException {
    Said help = ktrdr(List.of("dead-letters", "requeue", "--help"));
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("Usage: ktrdr dead-letters requeue");
    Said away = ktrdr(List.of("doctor", "--url", "http://127.0.0.1:1"));
    assertThat(away.exitCode()).isEqualTo(5);
    assertThat(away.err()).contains("does not answer").doesNotContain("\tat ");
    assertThat(ktrdr(List.of("operations", "get", "op_nonsense")).err()).doesNotContain("\tat ");
  }

  private JsonNode json(List<String> arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(arguments);
    all.add("--json");
    Said said = ktrdr(all);
    assertThat(said.exitCode()).as(said.toString()).isZero();
    return said.json();
  }

  private Said ktrdr(List<String> arguments) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                KtrdrCli.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("KTRDR_API_URL", system.apiUrl());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("%s", arguments).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Said(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
