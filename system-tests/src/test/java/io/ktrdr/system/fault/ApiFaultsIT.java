package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.system.fault.Http.Answer;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** An API that dies around a submit, and clients that ask twice. */
final class ApiFaultsIT {

  private static final int CLIENTS = 50;
  private static final String KEY = "Idempotency-Key";

  @SuppressWarnings("NullAway.Init")
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    system = FaultSystem.start(SystemPlan.apiOnly().withProxies(), 2);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @BeforeEach
  void networkIsWell() {
    system.processes().brokerProxy().resume();
    system.processes().databaseProxy().resume();
  }

  @AfterEach
  void everyInvariantHolds() {
    system.checkAtRest();
  }

  /**
   * The broker is out of the API's reach, so the commit is there and the message is not.
   *
   * <p>Seen failing with a submit that commits no message: none waited.
   */
  @Fault(
      row = 1,
      what = "API killed after the commit of a submit, before its message was published",
      outcome =
          "the operation runs after the API's start; the retry with its key names the same one",
      within = 5)
  void committedOperationIsPublishedAfterTheStart(Recovery recovery) throws IOException {
    TestSystem processes = system.processes();
    String key = UUID.randomUUID().toString();
    processes.brokerProxy().down();
    String body = FaultSystem.body(Script.STEPS, 11);
    String id = system.accept(system.http().post(FaultSystem.SUBMIT, body, KEY, key));
    processes.api().kill();
    processes.brokerProxy().resume();
    assertThat(waitingMessages(id)).isEqualTo(1);
    processes.restartApi();
    recovery.start();
    recovery.await("published", () -> waitingMessages(id) == 0 && !system.attempts(id).isEmpty());
    Answer again = system.http().post(FaultSystem.SUBMIT, body, KEY, key);
    assertThat(again.body().path("operation_id").asText()).isEqualTo(id);
  }

  /**
   * The insert is held up by a lock while the API dies.
   *
   * <p>Seen failing with an insert that commits before its event: the operation was there without
   * its message.
   */
  @Fault(
      row = 2,
      what = "API killed before the commit of a submit",
      outcome = "neither operation nor message; the retry creates one",
      within = 5)
  void uncommittedOperationLeavesNothing(Recovery recovery)
      throws SQLException, IOException, InterruptedException {
    TestSystem processes = system.processes();
    List<String> before = system.rows("select id from operations");
    String key = UUID.randomUUID().toString();
    String body = FaultSystem.body(Script.STEPS, 12);
    try (Connection holder = processes.database().connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("lock table operation_events in exclusive mode");
      Thread client = Thread.ofVirtual().start(() -> submitIntoTheVoid(body, key));
      await()
          .until(() ->
              !system
                  .rows(
                      "select pid from pg_stat_activity where wait_event_type = 'Lock'"
                          + " and datname = current_database()")
                  .isEmpty());
      processes.api().kill();
      holder.rollback();
      client.join();
    }
    processes.restartApi();
    recovery.start();
    assertThat(system.rows("select id from operations")).isEqualTo(before);
    assertThat(system.rows("select id from outbox where published_at is null")).isEmpty();
    String id = system.accept(system.http().post(FaultSystem.SUBMIT, body, KEY, key));
    recovery.await("completed", () -> system.status(id).equals("completed"));
    assertThat(system.rows("select id from operations")).hasSize(before.size() + 1);
  }

  /**
   * The broker hears the API, but its confirm never arrives.
   *
   * <p>Seen failing with a claim that asks neither for the status nor for an earlier end: the
   * operation was run twice.
   */
  @Fault(
      row = 3,
      what = "API killed after publishing a message, before marking it published",
      outcome = "the message comes twice, the operation runs once",
      within = 8)
  void messagePublishedTwiceRunsOnce(Recovery recovery) {
    TestSystem processes = system.processes();
    processes.brokerProxy().holdAnswers();
    String id = system.submit(Script.STEPS, 13);
    await()
        .atMost(FaultSystem.PATIENCE)
        .until(() -> system.attempts(id).equals(List.of("1|completed")));
    assertThat(waitingMessages(id)).isEqualTo(1);
    processes.api().kill();
    processes.brokerProxy().resume();
    processes.restartApi();
    recovery.start();
    recovery.await(
        "published again and completed",
        () -> waitingMessages(id) == 0 && system.status(id).equals("completed"));
    assertThat(system.attempts(id)).containsExactly("1|completed");
  }

  /** Seen failing without the lock of a key: one key became several operations. */
  @Fault(
      row = 4,
      what = "the same submit fifty times at once with one Idempotency-Key",
      outcome = "one operation; another body with that key is refused with 422",
      within = 10)
  void oneKeyIsOneOperation(Recovery recovery)
      throws InterruptedException, ExecutionException, IOException {
    String key = UUID.randomUUID().toString();
    String body = FaultSystem.body(Script.STEPS, 14);
    int before = system.rows("select id from operations").size();
    recovery.start();
    List<Answer> answers = new ArrayList<>();
    CountDownLatch together = new CountDownLatch(1);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> asked = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        asked.add(
            clients.submit(() -> {
              together.await();
              return system.http().post(FaultSystem.SUBMIT, body, KEY, key);
            }));
      }
      together.countDown();
      for (Future<Answer> one : asked) {
        answers.add(one.get());
      }
    }
    recovery.end();
    Set<String> ids = new TreeSet<>();
    for (Answer answer : answers) {
      assertThat(answer.status()).isIn(200, 202, 409);
      if (answer.status() != 409) {
        ids.add(system.accept(answer));
      }
    }
    assertThat(ids).hasSize(1);
    assertThat(system.rows("select id from operations")).hasSize(before + 1);
    Answer other =
        system.http().post(FaultSystem.SUBMIT, FaultSystem.body(Script.STEPS, 15), KEY, key);
    assertThat(other.status()).isEqualTo(422);
  }

  private static void submitIntoTheVoid(String body, String key) {
    try {
      Answer answer = system.http().post(FaultSystem.SUBMIT, body, KEY, key);
      throw new AssertionError("answered by a killed API: " + answer);
    } catch (IOException connectionLost) {
      assertThat(connectionLost).isNotNull();
    }
  }

  private static int waitingMessages(String id) {
    return system
        .rows(
            "select id from outbox where published_at is null and operation_id = '%s'"
                .formatted(id))
        .size();
  }
}
