package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a killed run is recognised, and nothing else is. */
final class RecoveryTest {

  private static final Duration GRACE = Duration.ofSeconds(5);

  @TempDir Path folder;

  @Test
  void stopsWhatALedgerOfAnotherRunNamesAndForgetsIt() {
    ProcessLedger ledger = new ProcessLedger(folder.resolve("processes.jsonl"));
    OwnedProcess left = ledger.start(sleeper("left", "TERM", "sleep 600"));
    List<String> said = new ArrayList<>();

    int stopped =
        new ProcessLedger(folder.resolve("processes.jsonl"))
            .stopAll(GRACE, record -> said.add(record.name()));

    assertThat(stopped).isOne();
    assertThat(said).containsExactly("left");
    assertThat(left.isAlive()).isFalse();
    assertThat(ledger.records()).isEmpty();
  }

  @Test
  void leavesAProcessAloneWhoseStartTimeOrCommandIsAnother() {
    try (OwnedProcess other = OwnedProcess.start(sleeper("other", "TERM", "sleep 600"))) {
      ProcessRecord real = other.record();
      Instant earlier = real.startedAt().minusSeconds(60);
      ProcessLedger ledger = new ProcessLedger(folder.resolve("processes.jsonl"));
      ledger.add(new ProcessRecord("a", real.pid(), earlier, "TERM", real.marker()));
      ledger.add(new ProcessRecord("b", real.pid(), real.startedAt(), "TERM", "no-such-argument"));

      assertThat(ledger.stopAll(GRACE, _ -> {})).isZero();

      assertThat(other.isAlive()).isTrue();
      assertThat(real.find()).isPresent();
    }
  }

  @Test
  void aLineCutShortByACrashDoesNotHideTheOthers() throws IOException {
    Path file = folder.resolve("processes.jsonl");
    ProcessLedger ledger = new ProcessLedger(file);
    ProcessRecord whole = new ProcessRecord("a", 1, Instant.EPOCH, "TERM", "m");
    ledger.add(whole);
    Files.writeString(file, "{\"name\":\"b\",\"pi", StandardOpenOption.APPEND);

    assertThat(ledger.records()).containsExactly(whole);
  }

  @Test
  void aProcessThatIgnoresTheRequestIsKilledWithItsChildren() {
    String stubborn = "trap '' TERM; sleep 600 & echo $!; wait; wait";
    OwnedProcess process = OwnedProcess.start(sleeper("stubborn", "TERM", stubborn));
    assertThat(Await.until(GRACE, Duration.ofMillis(10), () -> !process.logTail(1).isBlank()))
        .isTrue();
    long child = Long.parseLong(process.logTail(1).strip());

    boolean byItself = process.stop(Duration.ofMillis(200));

    assertThat(byItself).isFalse();
    assertThat(process.isAlive()).isFalse();
    assertThat(
            Await.until(
                GRACE,
                Duration.ofMillis(10),
                () -> ProcessHandle.of(child).map(p -> !p.isAlive()).orElse(true)))
        .isTrue();
  }

  @Test
  void aSecondSupervisorIsRefusedWithThePidOfTheFirst() {
    Layout layout = new Layout(folder);
    Supervisor.Wish wish = new Supervisor.Wish(Scale.DEFAULT, true);
    try (RunLock lock = RunLock.tryAcquire(layout).orElseThrow()) {
      assertThat(lock).isNotNull();
      assertThat(RunLock.isHeld(layout)).isTrue();
      assertThatThrownBy(() -> Supervisor.claim(layout, wish, silent(), Map.of()))
          .isInstanceOf(StandaloneException.class)
          .hasMessageContaining("already runs in " + folder);
    }
    assertThat(RunLock.isHeld(layout)).isFalse();
  }

  @Test
  void whatDidNotComeUpIsToldAndTheLockIsGivenBack() {
    Layout layout = new Layout(folder);
    Map<String, String> unusable =
        Map.of("DATABASE_URL", "mysql://h/db", "RABBITMQ_URL", "amqp://127.0.0.1:1/");
    Supervisor supervisor =
        Supervisor.claim(layout, new Supervisor.Wish(Scale.DEFAULT, true), silent(), unusable);

    assertThatThrownBy(() -> supervisor.runWhileUp(() -> 0))
        .isInstanceOf(StandaloneException.class)
        .hasMessageContaining("Write it as");

    assertThat(RunLock.isHeld(layout)).isFalse();
  }

  @Test
  void workCutShortByAStopIsNoFailure() {
    Layout layout = new Layout(folder);
    Supervisor supervisor =
        Supervisor.claim(layout, new Supervisor.Wish(Scale.DEFAULT, true), silent(), Map.of());
    supervisor.close();

    assertThat(supervisor.runWhileUp(() -> 0)).isEqualTo(130);
  }

  @Test
  void theStateIsReadBackAndIsForItsOwnerOnly() throws IOException {
    Layout layout = new Layout(folder);
    ProcessRecord record = new ProcessRecord("api", 7, Instant.EPOCH, "TERM", "m");
    RunState state =
        new RunState(
            1,
            Instant.EPOCH,
            true,
            "http://127.0.0.1:8000",
            "postgresql://u:p@h:1/d",
            "amqp://u:p@h:2/%2F",
            "http://h:3",
            "u",
            "p",
            List.of(new RunState.Member("api", 8000, 0, false, record, "api.log")));

    state.write(layout);

    assertThat(RunState.read(layout)).contains(state);
    assertThat(layout.run().resolve("api-url")).hasContent("http://127.0.0.1:8000");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(layout.run().resolve("state.json"))))
        .isEqualTo("rw-------");
    RunState.delete(layout);
    assertThat(RunState.read(layout)).isEmpty();
    assertThat(layout.run().resolve("api-url")).doesNotExist();
  }

  private static Narrator silent() {
    return new Narrator(new PrintStream(OutputStream.nullOutputStream()), false);
  }

  private ProcessSpec sleeper(String name, String signal, String script) {
    String marker = folder + "/" + name;
    return new ProcessSpec(
        name,
        List.of("sh", "-c", script + " # " + marker + "\n:"),
        Map.of(),
        List.of(),
        folder,
        folder.resolve(name + ".log"),
        signal,
        marker);
  }
}
