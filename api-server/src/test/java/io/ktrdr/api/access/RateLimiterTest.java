package io.ktrdr.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RateLimiterTest {

  private final AtomicLong clock = new AtomicLong(42);

  @Test
  void soManyAtOnceThenAsFastAsTheAllowanceGrows() {
    RateLimiter limiter = limiter(2, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.take("alice")).isEmpty();
    }
    assertThat(limiter.take("alice")).hasValue(Duration.ofMillis(500));
    pass(Duration.ofMillis(300));
    // Asking costs nothing: the wait is only what is left of it.
    assertThat(limiter.take("alice")).hasValue(Duration.ofMillis(200));
    pass(Duration.ofMillis(200));
    assertThat(limiter.take("alice")).isEmpty();
    assertThat(limiter.take("alice")).isPresent();
    pass(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.take("alice")).isEmpty();
    }
    assertThat(limiter.take("alice")).isPresent();
  }

  @Test
  void eachHasAnAllowanceOfItsOwn() {
    RateLimiter limiter = limiter(1, 1);
    assertThat(limiter.take("alice")).isEmpty();
    assertThat(limiter.take("bob")).isEmpty();
    assertThat(limiter.take("alice")).isPresent();
  }

  @Test
  void noLimitIsNoLimit() {
    RateLimiter limiter = limiter(0, 1);
    for (int i = 0; i < 1_000; i++) {
      assertThat(limiter.take("alice")).isEmpty();
    }
  }

  @Test
  void onlySoManyAreRemembered() {
    RateLimiter limiter = limiter(0.001, 1);
    assertThat(limiter.take("first")).isEmpty();
    assertThat(limiter.take("second")).isEmpty();
    for (int i = 0; i < RateLimiter.KEYS_MAX - 2; i++) {
      assertThat(limiter.take("other" + i)).isEmpty();
    }
    // Full; being heard of keeps one, and the other makes room for a stranger.
    assertThat(limiter.take("first")).isPresent();
    assertThat(limiter.take("stranger")).isEmpty();
    assertThat(limiter.take("first")).isPresent();
    assertThat(limiter.take("second")).isEmpty();
  }

  private RateLimiter limiter(double perSecond, double atOnce) {
    return new RateLimiter(perSecond, atOnce, clock::get);
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }
}
