package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IndicatorCacheTest {

  private static final int BARS = 100;
  private static final long COLUMN_BYTES = BARS * 8L;

  private final BarSeries bars = SampleBars.walk(BARS, 1);

  @Test
  void otherParametersAndOtherBarsAreOtherColumns() {
    IndicatorCache cache = new IndicatorCache();
    List<double[]> columns = new ArrayList<>();
    for (int period : new int[] {3, 4}) {
      IndicatorSpec spec = sma(period);
      columns.add(new IndicatorColumns(bars, cache).column(spec, "value"));
      columns.add(new IndicatorColumns(bars.slice(0, BARS - 1), cache).column(spec, "value"));
      BarSeries other = bars.slice(0, BARS);
      other.close()[BARS - 1] = other.low()[BARS - 1];
      columns.add(new IndicatorColumns(other, cache).column(spec, "value"));
    }

    assertThat(cache.misses()).isEqualTo(6);
    assertThat(columns).doesNotHaveDuplicates();
  }

  @Test
  void columnsThatWereNotUsedForLongestAreLetGo() {
    IndicatorCache cache = new IndicatorCache(2 * COLUMN_BYTES);
    ask(cache, "a");
    ask(cache, "b");
    ask(cache, "a");
    ask(cache, "c");
    assertThat(cache.bytes()).isEqualTo(2 * COLUMN_BYTES);
    assertThat(cache.misses()).isEqualTo(3);

    ask(cache, "a");
    assertThat(cache.misses()).as("a was used after b").isEqualTo(3);
    ask(cache, "b");
    assertThat(cache.misses()).isEqualTo(4);
  }

  @Test
  void columnsLargerThanAllOfItAreNotKept() {
    IndicatorCache cache = new IndicatorCache(COLUMN_BYTES - 1);

    assertThat(ask(cache, "a")).isEqualTo(ask(cache, "a"));
    assertThat(cache.misses()).isEqualTo(2);
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void whoComesWhileItIsBeingComputedWaitsForIt() throws Exception {
    IndicatorCache cache = new IndicatorCache();
    AtomicInteger computed = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<double[][]> first =
          threads.submit(() ->
              cache.columns(
                  key("a"),
                  () -> {
                    begun.countDown();
                    awaitQuietly(go);
                    return columns(computed.incrementAndGet());
                  }));
      begun.await();
      Future<double[][]> second =
          threads.submit(() -> cache.columns(key("a"), () -> columns(computed.incrementAndGet())));
      while (cache.hits() == 0) {
        Thread.onSpinWait();
      }
      go.countDown();

      assertThat(second.get()).isSameAs(first.get());
    }
    assertThat(computed).hasValue(1);
  }

  @Test
  void whoWaitedForOneThatWasStoppedComputesItself() throws Exception {
    IndicatorCache cache = new IndicatorCache();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Future<double[][]> stopped =
          threads.submit(() ->
              cache.columns(
                  key("a"),
                  () -> {
                    begun.countDown();
                    awaitQuietly(go);
                    throw new CancellationException("cancelled");
                  }));
      begun.await();
      Future<double[][]> second = threads.submit(() -> ask(cache, "a"));
      Future<double[][]> third = threads.submit(() -> ask(cache, "a"));
      while (cache.hits() < 2) {
        Thread.onSpinWait();
      }
      go.countDown();

      assertThatThrownBy(stopped::get).hasCauseInstanceOf(CancellationException.class);
      assertThat(second.get()).isSameAs(third.get()).hasDimensions(1, BARS);
    }
  }

  @Test
  void whatFailedIsComputedAnew() {
    IndicatorCache cache = new IndicatorCache();

    assertThatIllegalStateException()
        .isThrownBy(() ->
            cache.columns(
                key("a"),
                () -> {
                  throw new IllegalStateException("once");
                }));
    assertThat(ask(cache, "a")).hasDimensions(1, BARS);
  }

  private static double[][] ask(IndicatorCache cache, String type) {
    return cache.columns(key(type), () -> columns(1));
  }

  private static double[][] columns(double value) {
    double[] column = new double[BARS];
    column[0] = value;
    return new double[][] {column};
  }

  private static IndicatorCache.Key key(String type) {
    return new IndicatorCache.Key(
        type,
        new IndicatorParameters(Map.of("period", 3)),
        Sha256.of("bars".getBytes(StandardCharsets.UTF_8)));
  }

  private static IndicatorSpec sma(int period) {
    return new IndicatorSpec(
        "average",
        IndicatorCatalogue.find("sma").orElseThrow(),
        new IndicatorParameters(Map.of("period", period, "source", "close")));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
