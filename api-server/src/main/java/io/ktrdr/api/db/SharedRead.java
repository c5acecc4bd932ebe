package io.ktrdr.api.db;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database once for what many want to know at the same time. It is no cache: an answer is
 * as new as the question, because whoever asks while a read is under way gets the answer of the
 * next one. Thread-safe.
 *
 * @param <K> the question
 * @param <V> the answer
 */
public final class SharedRead<K, V> {

  private final Function<K, V> read;
  private final ReentrantLock lock = new ReentrantLock();

  /** Questions being read, with those who wait for the next read of theirs. */
  private final Map<K, Waiting<V>> underWay = new HashMap<>();

  /**
   * @param read answers within a bounded time
   */
  public SharedRead(Function<K, V> read) {
    this.read = read;
  }

  private static final class Waiting<V> {
    private @Nullable CompletableFuture<V> next;
  }

  /**
   * The answer as of now.
   *
   * @throws RuntimeException what the read threw, also when it was one this question waited behind
   */
  public V ask(K question) {
    CompletableFuture<V> answer;
    boolean first = false;
    lock.lock();
    try {
      Waiting<V> waiting = underWay.get(question);
      if (waiting == null) {
        underWay.put(question, new Waiting<>());
        answer = new CompletableFuture<>();
        first = true;
      } else {
        answer = waiting.next == null ? new CompletableFuture<>() : waiting.next;
        waiting.next = answer;
      }
    } finally {
      lock.unlock();
    }
    if (first) {
      read(question, answer);
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  /** True when somebody waits for the next read. */
  boolean waiting(K question) {
    lock.lock();
    try {
      Waiting<V> waiting = underWay.get(question);
      return waiting != null && waiting.next != null;
    } finally {
      lock.unlock();
    }
  }

  private void read(K question, CompletableFuture<V> answer) {
    // Stays when an Error ends this.
    RuntimeException failure = new IllegalStateException("not read");
    try {
      answer.complete(read.apply(question));
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      boolean answered = answer.isDone();
      answer.completeExceptionally(failure);
      CompletableFuture<V> behind = behind(question, answered);
      if (behind != null && answered) {
        // Not on this thread: its own answer is there.
        Thread.startVirtualThread(() -> read(question, behind));
      } else if (behind != null) {
        // They have waited for as long as a read may take.
        behind.completeExceptionally(failure);
      }
    }
  }

  /** Those who wait for another read, if anybody does. */
  private @Nullable CompletableFuture<V> behind(K question, boolean anotherRead) {
    lock.lock();
    try {
      Waiting<V> waiting = underWay.get(question);
      CompletableFuture<V> behind = waiting == null ? null : waiting.next;
      if (waiting != null && behind != null && anotherRead) {
        waiting.next = null;
      } else {
        underWay.remove(question);
      }
      return behind;
    } finally {
      lock.unlock();
    }
  }
}
