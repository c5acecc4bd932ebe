package io.ktrdr.api.rescue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which checkpoints go and which stay, also while somebody stores or names them. */
final class CheckpointSweepIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final DatabaseAccess access = TestPostgres.freshDatabase();
  private final Jdbi jdbi = Jdbi.create(access.jdbcUrl(), access.user(), access.password());
  private final ArtifactStore artifacts = new ArtifactStore(jdbi);
  private final CheckpointStore store = new CheckpointStore();
  private final List<String> removals = new ArrayList<>();
  private final CheckpointSweep sweep =
      new CheckpointSweep(
          jdbi, store, (count, bytes) -> removals.add("%d, %d bytes".formatted(count, bytes)));

  @Test
  void onlyWhatTheNextAttemptWouldGoOnFromStays() {
    operation("done", "completed", 0);
    run("done", 1, "done-1");
    operation("failed", "failed", 0);
    run("failed", 1, "failed-1");
    run("failed", 2, "failed-2");
    run("failed", 3, null);
    operation("anew", "cancelled", 1);
    run("anew", 1, "anew-1");
    operation("runs", "running", 0);
    run("runs", 1, "runs-1");
    run("runs", 2, null);
    checkpoint("replaced");
    age();

    sweep.sweep();
    assertThat(stored()).containsExactlyInAnyOrder("failed-2", "runs-1");
    int bytes = "done-1failed-1anew-1replaced".length();
    assertThat(removals).containsExactly("4, %d bytes".formatted(bytes));
    assertThat(count("select count(*) from runs where checkpoint_at is not null"))
        .as("that there was one stays known")
        .isEqualTo(5);

    removals.clear();
    sweep.sweep();
    assertThat(removals).isEmpty();
  }

  @Test
  void bytesThatSomethingElseNeedsStay() {
    operation("done", "completed", 0);
    operation("failed", "failed", 0);
    run("done", 1, "shared");
    run("failed", 1, "shared");
    run("done", 2, "result");
    execute(
        "insert into operation_artifacts values ('done', 'state', '%s', 6)"
            .formatted(hex("result")));
    run("done", 3, "model");
    execute(
        """
        insert into models (strategy_name, timeframe, version, sha256, symbols)
        values ('s', '1d', 1, '%s', '[]')
        """
            .formatted(hex("model")));
    run("done", 4, "for good afterwards");
    artifacts.put(bytes("for good afterwards"));
    artifacts.put(bytes("for good before"));
    run("done", 5, "for good before");
    age();
    run("done", 6, "just now");

    sweep.sweep();
    assertThat(removals).isEmpty();
    assertThat(stored()).hasSize(6);
    assertThat(artifacts.isKept(Sha256.of(bytes("for good afterwards")))).isTrue();
    assertThat(artifacts.isKept(Sha256.of(bytes("for good before")))).isTrue();
    assertThat(artifacts.isKept(Sha256.of(bytes("shared")))).isFalse();
  }

  @Test
  void whatIsStoredWhileItIsRemovedIsThereAfterwards() {
    checkpoint("as a checkpoint");
    checkpoint("for good");
    age();
    List<CompletableFuture<Void>> storing = new ArrayList<>();
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      inAnotherTransaction(removing -> {
        assertThat(remove(removing)).isEqualTo(2);
        storing.add(CompletableFuture.runAsync(() -> checkpoint("as a checkpoint"), others));
        storing.add(CompletableFuture.runAsync(() -> artifacts.put(bytes("for good")), others));
        await("both wait").atMost(LIMIT).until(() -> waiting() == 2);
      });
    }
    storing.forEach(CompletableFuture::join);
    assertThat(stored()).containsExactlyInAnyOrder("as a checkpoint", "for good");
    sweep.sweep();
    assertThat(stored()).hasSize(2);
  }

  @Test
  void whatARunIsAboutToNameOrSomebodyStoresAgainIsLeftAlone() {
    operation("runs", "running", 0);
    run("runs", 1, null);
    checkpoint("about to be named");
    checkpoint("stored again");
    checkpoint("alone");
    age();
    inAnotherTransaction(naming -> {
      naming.execute(
          "update runs set checkpoint_sha256 = ? where operation_id = 'runs'",
          hex("about to be named"));
      naming.execute(
          "update artifacts set checkpoint_stored_at = clock_timestamp() where sha256 = ?",
          hex("stored again"));
      sweep.sweep();
    });
    sweep.sweep();
    assertThat(removals).containsExactly("1, 5 bytes");
    assertThat(stored()).containsExactlyInAnyOrder("about to be named", "stored again");
  }

  /** On a connection of its own: what is asked meanwhile must not become part of it. */
  private void inAnotherTransaction(HandleConsumer<RuntimeException> work) {
    try (Handle handle = jdbi.open()) {
      handle.useTransaction(work);
    }
  }

  private int remove(Handle handle) {
    return store.remove(handle, CheckpointSweep.UNNOTED_MAX, 10).count();
  }

  private void operation(String id, String status, int restartedAfter) {
    execute(
        """
        insert into operations
          (id, type, status, queue, spec, metadata, max_attempts, progress, restarted_after_attempt,
           result, error_message, completed_at)
        values ('%s', 'report', '%s', 'report', '{}', '{}', 3, '{}', %d, '{}', 'none', %s)
        """
            .formatted(id, status, restartedAfter, status.equals("running") ? "null" : "now()"));
  }

  /** An attempt that has ended, with its newest checkpoint if it has one. */
  private void run(String operation, int attempt, @Nullable String checkpoint) {
    String sha256 = "null";
    if (checkpoint != null) {
      checkpoint(checkpoint);
      sha256 = "'%s'".formatted(hex(checkpoint));
    }
    execute(
        """
        insert into runs (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url,
                          ended_at, outcome, checkpoint_sha256, checkpoint_at)
        values ('%1$s', '%2$s', %3$d, 'w', gen_random_uuid(), 'http://h:1', now(), 'released',
                %4$s, case when %4$s is null then null else now() end)
        """
            .formatted(UUID.randomUUID(), operation, attempt, sha256));
  }

  private void checkpoint(String content) {
    artifacts.putCheckpoint(bytes(content));
  }

  /** As if all had been stored long ago. */
  private void age() {
    execute("update artifacts set checkpoint_stored_at = checkpoint_stored_at - interval '1 h'");
  }

  private List<String> stored() {
    return jdbi.withHandle(handle ->
        handle
            .select("select convert_from(bytes, 'UTF8') from artifacts")
            .mapTo(String.class)
            .list());
  }

  private int waiting() {
    return count(
        """
        select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'
        """);
  }

  private int count(String sql) {
    return jdbi.withHandle(handle -> handle.select(sql).mapTo(Integer.class).one());
  }

  private void execute(String sql) {
    jdbi.useHandle(handle -> handle.execute(sql));
  }

  private static byte[] bytes(String content) {
    return content.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(String content) {
    return Sha256.of(bytes(content)).hex();
  }
}
