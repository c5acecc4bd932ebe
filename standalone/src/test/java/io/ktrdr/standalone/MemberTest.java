package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is started again, and who has gone for good. */
final class MemberTest {

  @TempDir private Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Narrator narrator =
      new Narrator(new PrintStream(said, true, StandardCharsets.UTF_8), false);

  @Test
  void drainedWorkerIsNotStartedAgain() throws Exception {
    Member member = member("exit 0", true);
    assertThat(member.tend(narrator)).isTrue();
    assertThat(member.tend(narrator)).isFalse();
    assertThat(member.state().left()).isTrue();
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("it is not started again");
  }

  @Test
  void failedWorkerIsStartedAgainAndSoIsAnApiHoweverItEnds() throws Exception {
    for (Member member : List.of(member("exit 1", true), member("exit 0", false))) {
      assertThat(member.tend(narrator)).isTrue();
      assertThat(member.state().left()).isFalse();
    }
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .allMatch(line -> line.contains("starting it again"))
        .hasSize(2);
  }

  private Member member(String script, boolean mayLeave) throws Exception {
    OwnedProcess process =
        OwnedProcess.start(
            new ProcessSpec(
                "w",
                List.of("sh", "-c", script),
                Map.of(),
                List.of(),
                folder,
                folder.resolve("w.log"),
                "TERM",
                "w"));
    process.onExit().get(10, TimeUnit.SECONDS);
    return new Member(process, 1, () -> process, mayLeave);
  }
}
