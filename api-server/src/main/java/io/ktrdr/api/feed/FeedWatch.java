package io.ktrdr.api.feed;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.protocol.OperationId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes open feeds when their operation has new events. One thread asks the database for all of
 * them together, whichever API wrote the events, and only while a feed is open; every feed then
 * reads for itself, so nothing is buffered for a slow reader. Thread-safe.
 */
public final class FeedWatch implements AutoCloseable {

  /** Most feeds open at once. */
  public static final int FEEDS_MAX = 200;

  private static final Duration POLL = Duration.ofMillis(150);
  private static final Duration FULL_RETRY_AFTER = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(FeedWatch.class);

  private final FeedStore store;
  private final Semaphore room = new Semaphore(FEEDS_MAX);
  private final Set<Feed> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  public FeedWatch(FeedStore store) {
    this.store = store;
    this.thread = Thread.ofPlatform().name("feeds").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  /** One reader. */
  final class Feed implements AutoCloseable {
    private final OperationId id;
    private final Semaphore news = new Semaphore(0);
    private volatile long seen;

    private Feed(OperationId id) {
      this.id = id;
    }

    /** False when nothing happened for so long. */
    boolean await(Duration limit) throws InterruptedException {
      boolean something = news.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS);
      news.drainPermits();
      return something;
    }

    @Override
    public void close() {
      if (open.remove(this)) {
        room.release();
      }
    }
  }

  /**
   * @throws ProblemException 503 when there are too many
   */
  Feed open(OperationId id) {
    if (closed() || !room.tryAcquire()) {
      throw ProblemException.retryLater(
          "FEEDS_EXHAUSTED",
          "%d feeds are open already; poll the operation instead, or come back."
              .formatted(FEEDS_MAX),
          FULL_RETRY_AFTER);
    }
    Feed feed = new Feed(id);
    open.add(feed);
    return feed;
  }

  boolean closed() {
    return closing.getCount() == 0;
  }

  /** Ends every feed. */
  @Override
  public void close() {
    closing.countDown();
    open.forEach(feed -> feed.news.release());
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    try {
      while (!closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        List<Feed> feeds = List.copyOf(open);
        if (!feeds.isEmpty()) {
          look(feeds);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Feeds woken to stop");
    }
  }

  private void look(List<Feed> feeds) {
    try {
      Map<OperationId, Long> lastSeqs =
          store.lastSeqs(feeds.stream().map(feed -> feed.id).collect(Collectors.toSet()));
      for (Feed feed : feeds) {
        long last = Optional.ofNullable(lastSeqs.get(feed.id)).orElse(0L);
        if (last != feed.seen) {
          feed.seen = last;
          feed.news.release();
        }
      }
    } catch (JdbiException e) {
      LOG.debug("Feeds wait for the database: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("Feeds not woken; trying again", e);
    }
  }
}
