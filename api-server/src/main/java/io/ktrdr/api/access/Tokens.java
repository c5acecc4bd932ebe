package io.ktrdr.api.access;

import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens the API knows: those of a file, which is looked at again every second. A change counts
 * once the file has been the same for two looks, so that one half written is not taken. A file that
 * is wrong, empty or gone changes nothing and is an error in the log. Thread-safe.
 */
public final class Tokens implements AutoCloseable {

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

  private final Path file;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** Whose token has which digest. */
  private volatile Map<Holder, byte[]> known;

  /** What was last seen in the file, and what was last judged; null: it could not be read. */
  private byte @Nullable [] seen;

  private byte @Nullable [] judged;

  /** Whose token it is. */
  public record Holder(String name, Role role) {}

  /**
   * @throws IllegalArgumentException with one sentence, naming file and line, when the file is
   *     wrong or has no token
   */
  public Tokens(Path file) {
    this.file = file;
    byte[] content = TokensFile.content(file);
    this.known = parsed(file, content);
    this.seen = content;
    this.judged = content;
    this.thread = Thread.ofPlatform().name("tokens").daemon().unstarted(this::loop);
  }

  /** Begins to look for changes. */
  public void start() {
    thread.start();
  }

  /** Whose token that is; takes as long whichever it is. */
  public Optional<Holder> holderOf(ApiToken token) {
    byte[] digest = bytes(token.sha256().hex());
    Holder found = null;
    for (Map.Entry<Holder, byte[]> one : known.entrySet()) {
      if (MessageDigest.isEqual(one.getValue(), digest)) {
        found = one.getKey();
      }
    }
    return Optional.ofNullable(found);
  }

  @Override
  public void close() {
    closing.countDown();
  }

  private void loop() {
    try {
      while (!closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      LOG.debug("Tokens are no longer looked at");
    }
  }

  private void look() {
    byte[] now = null;
    try {
      now = TokensFile.content(file);
    } catch (IllegalArgumentException e) {
      LOG.debug("{}", e.getMessage());
    }
    boolean settled = Arrays.equals(now, seen);
    seen = now;
    if (!settled || Arrays.equals(now, judged)) {
      return;
    }
    judged = now;
    try {
      known = parsed(file, now == null ? TokensFile.content(file) : now);
      LOG.info("Tokens read again: {} from {}", known.size(), file);
    } catch (IllegalArgumentException e) {
      LOG.error("The tokens stay as they were: {}", e.getMessage());
    }
  }

  private static Map<Holder, byte[]> parsed(Path file, byte[] content) {
    List<TokensFile.Entry> entries = TokensFile.parse(file, content);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no token; make one: ktrdr tokens create --name NAME --role operator --file %s"
              .formatted(file, file));
    }
    return entries.stream()
        .collect(
            Collectors.toUnmodifiableMap(
                entry -> new Holder(entry.name(), entry.role()),
                entry -> bytes(entry.sha256().hex())));
  }

  private static byte[] bytes(String hex) {
    return hex.getBytes(StandardCharsets.US_ASCII);
  }
}
