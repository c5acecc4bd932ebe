package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.runtime.ApiClient.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts by digest: a folder in front of the API. What is read is always checked against its
 * digest; a damaged file in the folder is fetched again. Several workers may share the folder.
 *
 * <p>Thread-safe.
 */
final class ArtifactCache {

  private static final Logger LOG = LoggerFactory.getLogger(ArtifactCache.class);
  private static final Duration WAIT_FIRST = Duration.ofMillis(500);
  private static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private final Path directory;
  private final ApiClient api;

  ArtifactCache(Path directory, ApiClient api) {
    this.directory = directory;
    this.api = api;
  }

  byte[] read(Sha256 sha256) throws InterruptedException {
    byte[] cached = readFile(sha256);
    if (cached != null) {
      return cached;
    }
    byte[] bytes = untilDone("fetch artifact " + sha256.abbreviated(), () -> api.download(sha256));
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

  ArtifactRef store(String name, byte[] bytes) throws InterruptedException {
    if (bytes.length > ArtifactRef.BYTES_MAX) {
      throw OperationFailedException.permanent(
          "ARTIFACT_TOO_LARGE",
          "%s has %d bytes, the limit is %d".formatted(name, bytes.length, ArtifactRef.BYTES_MAX));
    }
    Sha256 sha256 = Sha256.of(bytes);
    untilDone(
        "store artifact " + name,
        () -> {
          api.upload(sha256, bytes, ApiClient.TRANSFER_TIMEOUT);
          return bytes;
        });
    return new ArtifactRef(name, sha256, bytes.length);
  }

  /** One try, for what may as well not be stored. */
  Sha256 storeOnce(byte[] bytes, Duration timeout) throws IOException, InterruptedException {
    Sha256 sha256 = Sha256.of(bytes);
    api.upload(sha256, bytes, timeout);
    return sha256;
  }

  private byte @Nullable [] readFile(Sha256 sha256) {
    Path file = directory.resolve(sha256.hex());
    try {
      byte[] bytes = Files.readAllBytes(file);
      return Sha256.of(bytes).equals(sha256) ? bytes : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void writeFile(Sha256 sha256, byte[] bytes) {
    try {
      Files.createDirectories(directory);
      Path temporary = Files.createTempFile(directory, "partial-", ".tmp");
      Files.write(temporary, bytes);
      Files.move(
          temporary,
          directory.resolve(sha256.hex()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn(
          "Artifact not cached in {} ({}); it is fetched again next time", directory, e.toString());
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
  private static byte[] untilDone(String what, Transfer transfer) throws InterruptedException {
    Duration wait = WAIT_FIRST;
    for (int tries = 1; ; tries++) {
      try {
        return transfer.run();
      } catch (RefusedException e) {
        if (e.status() / 100 == 4) {
          throw new OperationFailedException(
              "ARTIFACT_REFUSED", "cannot %s: %s".formatted(what, e.getMessage()), false, e);
        }
        LOG.warn("Cannot {} yet (try {}): {}", what, tries, e.getMessage());
      } catch (IOException e) {
        LOG.warn("Cannot {} yet (try {}): {}", what, tries, e.toString());
      }
      TimeUnit.MILLISECONDS.sleep(wait.toMillis());
      Duration longer = wait.multipliedBy(2);
      wait = longer.compareTo(WAIT_MAX) < 0 ? longer : WAIT_MAX;
    }
  }
}
