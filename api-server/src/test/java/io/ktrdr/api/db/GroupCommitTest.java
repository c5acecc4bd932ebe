package io.ktrdr.api.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transactions shared by many, with a list in place of a database. */
final class GroupCommitTest {

  private static final int POISON = -1;
  private static final int OUTAGE = -2;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<List<Integer>> committed = new ArrayList<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final CountDownLatch mayCommit = new CountDownLatch(1);
  private final GroupCommit<Integer> commits =
      new GroupCommit<>("test", 1, this::transaction, e -> e instanceof IllegalStateException);

  private void transaction(List<Integer> values) {
    begun.incrementAndGet();
    try {
      mayCommit.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (values.contains(POISON)) {
      throw new IllegalArgumentException("poison");
    }
    if (values.contains(OUTAGE)) {
      throw new IllegalStateException("away");
    }
    committed.add(values);
  }

  private Future<?> submit(int value) {
    return callers.submit(() -> commits.commit(value));
  }

  /** Starts with a transaction that waits to be let go. */
  private Future<?> startWith(int value) {
    commits.start();
    Future<?> first = submit(value);
    await().until(() -> begun.get() == 1);
    return first;
  }

  private void awaitWaiting(int count) {
    await().until(() -> commits.waiting() == count);
  }

  @AfterEach
  void close() {
    mayCommit.countDown();
    commits.close();
    callers.close();
  }

  @Test
  void loneItemIsCommittedAtOnce() {
    mayCommit.countDown();
    commits.start();
    commits.commit(1);
    assertThat(committed).containsExactly(List.of(1));
  }

  @Test
  void whatArrivesDuringACommitSharesTheNextOne() throws Exception {
    List<Future<?>> all = new ArrayList<>(List.of(startWith(0)));
    IntStream.rangeClosed(1, 20).forEach(value -> all.add(submit(value)));
    awaitWaiting(20);
    mayCommit.countDown();
    for (Future<?> each : all) {
      each.get();
    }
    assertThat(committed).hasSize(2);
    assertThat(committed.get(1))
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
  }

  @Test
  void noTransactionIsLargerThanTheLimit() throws Exception {
    List<Future<?>> all = new ArrayList<>(List.of(startWith(0)));
    int count = GroupCommit.BATCH_MAX + 7;
    IntStream.rangeClosed(1, count).forEach(value -> all.add(submit(value)));
    awaitWaiting(count);
    mayCommit.countDown();
    for (Future<?> each : all) {
      each.get();
    }
    assertThat(committed).extracting(List::size).containsExactly(1, GroupCommit.BATCH_MAX, 7);
  }

  @Test
  void itemThatCannotBeCommittedFailsAlone() throws Exception {
    List<Future<?>> good = new ArrayList<>(List.of(startWith(0)));
    Future<?> bad = submit(POISON);
    good.add(submit(1));
    good.add(submit(2));
    awaitWaiting(3);
    mayCommit.countDown();
    for (Future<?> each : good) {
      each.get();
    }
    assertThatThrownBy(bad::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("poison");
    assertThat(committed.stream().flatMap(List::stream)).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void outageAnswersAllThatWaitWithoutTryingThem() {
    Future<?> first = startWith(OUTAGE);
    Future<?> second = submit(1);
    awaitWaiting(1);
    mayCommit.countDown();
    assertThatThrownBy(first::get).hasRootCauseMessage("away");
    assertThatThrownBy(second::get).hasRootCauseMessage("away");
    assertThat(begun).hasValue(1);
  }

  @Test
  void itemThatWaitsTooLongIsGivenUpAndNeverCommitted() throws Exception {
    Future<?> first = startWith(0);
    assertThatThrownBy(() -> commits.commit(1))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("no transaction");
    mayCommit.countDown();
    first.get();
    commits.commit(2);
    assertThat(committed).containsExactly(List.of(0), List.of(2));
  }

  @Test
  void moreThanMayWaitAreRefusedAtOnce() {
    Future<?> unused = startWith(0);
    List<Future<?>> waiting =
        IntStream.range(0, GroupCommit.WAITING_MAX).<Future<?>>mapToObj(this::submit).toList();
    awaitWaiting(GroupCommit.WAITING_MAX);
    assertThatThrownBy(() -> commits.commit(1))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("wait already");
    assertThat(waiting).hasSize(GroupCommit.WAITING_MAX);
    assertThat(unused).isNotNull();
  }
}
