package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;

final class DatabaseRetryTest {

  private final AtomicInteger tries = new AtomicInteger();

  @Test
  void databaseThatWasAwayForAMomentIsWaitedFor() throws InterruptedException {
    assertThat(DatabaseRetry.untilDone("test", () -> succeedAtTry(3))).isEqualTo(3);
    tries.set(0);
    assertThat(DatabaseRetry.within(Duration.ofSeconds(5), "test", () -> succeedAtTry(2))).isTrue();
  }

  @Test
  void limitIsKept() {
    long begun = System.nanoTime();
    assertThat(DatabaseRetry.within(Duration.ofMillis(700), "test", () -> succeedAtTry(99)))
        .isFalse();
    assertThat(tries).hasValue(2);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void interruptEndsThePatience() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> DatabaseRetry.untilDone("test", () -> succeedAtTry(99)))
        .isInstanceOf(InterruptedException.class);
    assertThat(tries).hasValue(1);
  }

  private int succeedAtTry(int n) {
    if (tries.incrementAndGet() < n) {
      throw new ConnectionException(new SQLException("connection refused", "08001"));
    }
    return n;
  }
}
