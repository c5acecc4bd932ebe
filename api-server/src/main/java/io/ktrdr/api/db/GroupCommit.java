package io.ktrdr.api.db;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what many threads bring in few transactions. Nobody waits for company: what arrives while
 * a commit is under way goes into the next one, so a lone item is committed at once and a crowd
 * shares. An item whose transaction fails is tried alone, so that it cannot harm the others.
 * Thread-safe.
 *
 * @param <T> what is committed
 */
public final class GroupCommit<T> implements AutoCloseable {

  /** Most items in one transaction. */
  public static final int BATCH_MAX = 100;

  /** Most items that wait for a transaction. */
  public static final int WAITING_MAX = 1_000;

  /** How long an item waits for its transaction to begin. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  private final Consumer<List<T>> transaction;
  private final Predicate<RuntimeException> outage;
  private final BlockingQueue<Item<T>> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
  private final List<Thread> threads;
  private volatile boolean closed;

  /**
   * @param threads transactions under way at a time
   * @param transaction commits all or throws, within a bounded time
   * @param outage whether what it threw says nothing about the items: all that wait then get the
   *     same answer, instead of waiting for it one transaction after the other
   */
  public GroupCommit(
      String name, int threads, Consumer<List<T>> transaction, Predicate<RuntimeException> outage) {
    this.transaction = transaction;
    this.outage = outage;
    this.threads =
        IntStream.rangeClosed(1, threads)
            .mapToObj(n -> Thread.ofPlatform().name(name + "-" + n).unstarted(this::loop))
            .toList();
  }

  /** Something to commit; taken by a thread that commits it or by the one that gives it up. */
  private record Item<T>(T value, AtomicBoolean taken, CompletableFuture<Boolean> done) {

    boolean take() {
      return taken.compareAndSet(false, true);
    }
  }

  public void start() {
    threads.forEach(Thread::start);
  }

  /**
   * Returns when the item is committed.
   *
   * @throws RejectedExecutionException when too many wait or this one waited too long; it is not
   *     committed
   * @throws RuntimeException what its transaction threw
   */
  public void commit(T value) {
    Item<T> item = new Item<>(value, new AtomicBoolean(), new CompletableFuture<>());
    if (closed || !waiting.offer(item)) {
      throw new RejectedExecutionException(
          closed ? "closed" : "%d transactions wait already".formatted(WAITING_MAX));
    }
    try {
      item.done().get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      giveUp(item, "no transaction within %d s".formatted(WAIT_MAX.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp(item, "interrupted");
    } catch (ExecutionException e) {
      throw causeOf(e);
    }
  }

  /** How many wait for a transaction. */
  int waiting() {
    return waiting.size();
  }

  /** Not when its transaction has begun: then its outcome is worth waiting for. */
  private void giveUp(Item<T> item, String why) {
    if (item.take()) {
      waiting.remove(item);
      throw new RejectedExecutionException(why);
    }
    try {
      item.done().join();
    } catch (CompletionException e) {
      throw causeOf(e);
    }
  }

  private static RuntimeException causeOf(Exception e) {
    return e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
  }

  /** Finishes the transactions under way; what still waits is rejected. */
  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    failWaiting(new RejectedExecutionException("closed"));
  }

  private void loop() {
    List<Item<T>> batch = new ArrayList<>();
    while (!closed) {
      try {
        Item<T> first = waiting.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        batch.add(first);
        waiting.drainTo(batch, BATCH_MAX - 1);
        batch.removeIf(item -> !item.take());
        commit(batch);
      } catch (InterruptedException e) {
        LOG.debug("Woken up");
      } finally {
        // Only what an Error left behind.
        batch.forEach(
            item -> item.done().completeExceptionally(new IllegalStateException("not committed")));
        batch.clear();
      }
    }
  }

  private void commit(List<Item<T>> batch) {
    try {
      if (!batch.isEmpty()) {
        transaction.accept(batch.stream().map(Item::value).toList());
        batch.forEach(item -> item.done().complete(true));
      }
    } catch (RuntimeException e) {
      if (outage.test(e)) {
        batch.forEach(item -> item.done().completeExceptionally(e));
        failWaiting(e);
      } else if (batch.size() == 1) {
        batch.getFirst().done().completeExceptionally(e);
      } else {
        LOG.warn("{} items cannot be committed together; one by one now", batch.size(), e);
        batch.forEach(item -> commit(List.of(item)));
      }
    }
  }

  private void failWaiting(RuntimeException e) {
    List<Item<T>> all = new ArrayList<>();
    waiting.drainTo(all);
    all.stream().filter(Item::take).forEach(item -> item.done().completeExceptionally(e));
  }
}
