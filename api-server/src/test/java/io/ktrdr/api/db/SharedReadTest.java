package io.ktrdr.api.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads shared by many, with a number in place of a database. */
final class SharedReadTest {

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger truth = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final Semaphore mayAnswer = new Semaphore(0);
  private volatile boolean broken;
  private final SharedRead<String, Integer> shared = new SharedRead<>(_ -> read());

  private int read() {
    int seen = truth.get();
    reads.incrementAndGet();
    mayAnswer.acquireUninterruptibly();
    if (broken) {
      throw new IllegalStateException("away");
    }
    return seen;
  }

  @AfterEach
  void close() {
    mayAnswer.release(1_000);
    callers.close();
  }

  private Future<Integer> ask() {
    return callers.submit(() -> shared.ask("x"));
  }

  @Test
  void whoAsksDuringAReadGetsTheAnswerOfTheNextOne() throws Exception {
    Future<Integer> first = ask();
    await().until(() -> reads.get() == 1);
    // Newer than what the read under way has seen.
    truth.set(7);
    List<Future<Integer>> later = IntStream.range(0, 10).mapToObj(_ -> ask()).toList();
    await().until(() -> shared.waiting("x"));
    mayAnswer.release();
    assertThat(first.get()).isZero();
    mayAnswer.release(100);
    for (Future<Integer> each : later) {
      assertThat(each.get()).isEqualTo(7);
    }
    assertThat(reads.get()).isLessThan(11);
  }

  @Test
  void questionAskedAloneIsReadEachTime() {
    mayAnswer.release(2);
    assertThat(shared.ask("x")).isZero();
    truth.set(1);
    assertThat(shared.ask("x")).isEqualTo(1);
  }

  @Test
  void failureReachesThoseWhoWaitBehindItAndNobodyAfter() throws Exception {
    broken = true;
    Future<Integer> first = ask();
    await().until(() -> reads.get() == 1);
    Future<Integer> behind = ask();
    await().until(() -> shared.waiting("x"));
    mayAnswer.release();
    assertThatThrownBy(first::get).hasRootCauseMessage("away");
    assertThatThrownBy(behind::get).hasRootCauseMessage("away");
    assertThat(reads).hasValue(1);

    broken = false;
    mayAnswer.release();
    assertThat(ask().get()).isZero();
  }
}
