package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoldersTest {

  private static final int WANTED_BY = 8;

  @TempDir Path folder;

  @Test
  void aFolderIsMadeOnceHoweverManyWantIt() {
    AtomicInteger made = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < WANTED_BY; i++) {
        threads.execute(() ->
            Folders.once(
                folder.resolve("made"),
                staging -> {
                  made.incrementAndGet();
                  Files.writeString(staging.resolve("file"), "whole");
                }));
      }
    }
    assertThat(made).hasValue(1);
    assertThat(folder.resolve("made/file")).hasContent("whole");
  }

  @Test
  void aFolderThatCouldNotBeFilledIsNotThereAndCanBeTriedAgain() {
    Path target = folder.resolve("made");
    assertThatThrownBy(() ->
            Folders.once(
                target,
                staging -> {
                  Files.writeString(staging.resolve("half"), "");
                  throw new IOException("disk full");
                }))
        .hasRootCauseMessage("disk full");
    assertThat(target).doesNotExist();

    Folders.once(target, staging -> Files.writeString(staging.resolve("whole"), ""));

    assertThat(target.resolve("half")).doesNotExist();
    assertThat(target.resolve("whole")).exists();
  }

  @Test
  void aPasswordIsMadeOnceAndKept() {
    String password = Folders.password(folder.resolve("password"));

    assertThat(password).matches("[0-9a-f]{32}");
    assertThat(Folders.password(folder.resolve("password"))).isEqualTo(password);
    assertThat(Folders.password(folder.resolve("another"))).isNotEqualTo(password);
  }

  @Test
  void theTailOfALogBeginsAtAWholeLine() throws IOException {
    Path log = Files.writeString(folder.resolve("log"), "one\ntwo\nthree\n");

    assertThat(LogFollower.tailStart(log, 2)).isEqualTo(4);
    assertThat(LogFollower.tailStart(log, 9)).isZero();
    Files.writeString(log, "four", StandardOpenOption.APPEND);
    assertThat(LogFollower.tailStart(log, 1)).isEqualTo(14);
  }

  @Test
  void followingPrintsWholeLinesOnceAndStartsAgainWhenTheLogIsNew() throws IOException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Path log = folder.resolve("log");
    LogFollower follower =
        new LogFollower(log, 0, "> ", new PrintStream(printed, true, StandardCharsets.UTF_8));
    follower.printNew();
    Files.writeString(log, "one\ntw");
    follower.printNew();
    Files.writeString(log, "o\n", StandardOpenOption.APPEND);
    follower.printNew();
    follower.printNew();
    Files.writeString(log, "new\n");
    follower.printNew();

    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("> one", "> two", "> new");
  }
}
