package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.runtime.ApiClient.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts by digest: a folder in front of the API. What is read is always checked against its
 * digest; a damaged file in the folder is fetched again. What was not read for longest is removed
 * when the folder holds more than its limit. Several workers may share the folder.
 *
 * <p>Thread-safe.
 */
final class ArtifactCache {

  private static final Logger LOG = LoggerFactory.getLogger(ArtifactCache.class);
  private static final Duration WAIT_FIRST = Duration.ofMillis(500);
  private static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private static final String PARTIAL_PREFIX = "partial-";

  /** Longer than it takes to write a file: what is still partial then, its worker died over. */
  private static final Duration PARTIAL_AGE_MAX = Duration.ofHours(1);

  private final Path directory;
  private final long bytesMax;
  private final ApiClient api;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private volatile long bytesHeld;

  /**
   * @param bytesMax what the files in the folder may take together
   */
  ArtifactCache(Path directory, long bytesMax, ApiClient api) {
    this.directory = directory;
    this.bytesMax = bytesMax;
    this.api = api;
  }

  byte[] read(Sha256 sha256, Runnable whileAway) throws InterruptedException {
    byte[] cached = readFile(sha256);
    if (cached != null) {
      hits.increment();
      return cached;
    }
    misses.increment();
    byte[] bytes =
        untilDone("fetch artifact " + sha256.abbreviated(), () -> api.download(sha256), whileAway);
    if (!Sha256.of(bytes).equals(sha256)) {
      throw new OperationFailedException(
          "ARTIFACT_CORRUPT",
          "artifact %s arrived with digest %s".formatted(sha256, Sha256.of(bytes)),
          true,
          null);
    }
    writeFile(sha256, bytes);
    return bytes;
  }

  /** Reads that needed no transfer. */
  long hits() {
    return hits.sum();
  }

  /** Reads that had to ask the API. */
  long misses() {
    return misses.sum();
  }

  /** What the folder held when something was last put there; 0 before. */
  long bytesHeld() {
    return bytesHeld;
  }

  /**
   * Keeps the bytes, however long the API is away.
   *
   * @param whileAway called after each try that failed
   */
  ArtifactRef store(String name, byte[] bytes, Runnable whileAway) throws InterruptedException {
    if (bytes.length > ArtifactRef.BYTES_MAX) {
      throw OperationFailedException.permanent(
          "ARTIFACT_TOO_LARGE",
          "%s has %d bytes, the limit is %d".formatted(name, bytes.length, ArtifactRef.BYTES_MAX));
    }
    Sha256 sha256 = Sha256.of(bytes);
    untilDone(
        "store artifact " + name,
        () -> {
          api.upload(sha256, bytes);
          return bytes;
        },
        whileAway);
    return new ArtifactRef(name, sha256, bytes.length);
  }

  /** One try, for what may as well not be stored; the API removes it when it is needed no more. */
  Sha256 storeCheckpoint(byte[] bytes, Duration timeout) throws IOException, InterruptedException {
    Sha256 sha256 = Sha256.of(bytes);
    api.uploadCheckpoint(sha256, bytes, timeout);
    return sha256;
  }

  private byte @Nullable [] readFile(Sha256 sha256) {
    Path file = directory.resolve(sha256.hex());
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (!Sha256.of(bytes).equals(sha256)) {
        return null;
      }
      touch(file);
      return bytes;
    } catch (IOException e) {
      return null;
    }
  }

  /** Says that it was used: the time of access itself is not kept on every file system. */
  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("{} not marked as used: {}", file, e.toString());
    }
  }

  private void writeFile(Sha256 sha256, byte[] bytes) {
    try {
      Files.createDirectories(directory);
      Path temporary = Files.createTempFile(directory, PARTIAL_PREFIX, ".tmp");
      Files.write(temporary, bytes);
      Files.move(
          temporary,
          directory.resolve(sha256.hex()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      makeRoom();
    } catch (IOException e) {
      LOG.warn(
          "Artifact not cached in {} ({}); it is fetched again next time", directory, e.toString());
    }
  }

  private record CachedFile(Path path, long bytes, FileTime usedAt) {}

  /** Another worker may be at the same: a file that is gone already is as good as removed. */
  private void makeRoom() throws IOException {
    List<CachedFile> files = new ArrayList<>();
    FileTime abandoned = FileTime.from(Instant.now().minus(PARTIAL_AGE_MAX));
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.toList()) {
        CachedFile file = cachedFile(path);
        if (file == null) {
          continue;
        }
        if (!path.getFileName().toString().startsWith(PARTIAL_PREFIX)) {
          files.add(file);
        } else if (file.usedAt().compareTo(abandoned) < 0) {
          Files.deleteIfExists(path);
        }
      }
    }
    files.sort(Comparator.comparing(CachedFile::usedAt));
    long bytes = files.stream().mapToLong(CachedFile::bytes).sum();
    for (CachedFile file : files) {
      if (bytes <= bytesMax) {
        break;
      }
      Files.deleteIfExists(file.path());
      bytes -= file.bytes();
    }
    bytesHeld = bytes;
  }

  private static @Nullable CachedFile cachedFile(Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? new CachedFile(path, attributes.size(), attributes.lastModifiedTime())
          : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @FunctionalInterface
  private interface Transfer {
    byte[] run() throws IOException, InterruptedException;
  }

  /**
   * Tries until the API takes part: what took hours to compute is not lost to its restart, nor to
   * the database's. A run that is stopped meanwhile is interrupted here.
   */
  private static byte[] untilDone(String what, Transfer transfer, Runnable whileAway)
      throws InterruptedException {
    Duration wait = WAIT_FIRST;
    for (int tries = 1; ; tries++) {
      try {
        return transfer.run();
      } catch (RefusedException e) {
        if (e.isFinal()) {
          throw new OperationFailedException(
              "ARTIFACT_REFUSED", "cannot %s: %s".formatted(what, e.getMessage()), false, e);
        }
        LOG.warn("Cannot {} yet (try {}): {}", what, tries, e.getMessage());
      } catch (IOException e) {
        LOG.warn("Cannot {} yet (try {}): {}", what, tries, e.toString());
      }
      whileAway.run();
      TimeUnit.MILLISECONDS.sleep(wait.toMillis());
      Duration longer = wait.multipliedBy(2);
      wait = longer.compareTo(WAIT_MAX) < 0 ? longer : WAIT_MAX;
    }
  }
}
