package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.ktrdr.protocol.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In front of a server that hands out what it was given and says what it was asked for. */
final class ArtifactCacheTest {

  private static final int BYTES = 1_000;

  @TempDir private Path folder;
  private final Map<String, byte[]> artifacts = new HashMap<>();
  private final List<String> fetched = new ArrayList<>();
  private final List<String> queries = new ArrayList<>();
  private volatile int refusals;
  private HttpServer server;
  private ArtifactCache cache;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/artifacts/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String sha256 = path.substring(path.lastIndexOf('/') + 1);
            fetched.add(sha256);
            queries.add(String.valueOf(exchange.getRequestURI().getQuery()));
            if (fetched.size() <= refusals) {
              exchange.sendResponseHeaders(503, -1);
              return;
            }
            byte[] bytes = artifacts.getOrDefault(sha256, new byte[0]);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    server.start();
    cache = cacheOf(3 * BYTES);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void whatWasNotReadForLongestMakesRoom() throws Exception {
    Sha256 first = artifact(1);
    Sha256 second = artifact(2);
    Sha256 third = artifact(3);
    for (Sha256 one : List.of(first, second, third)) {
      cache.read(one, () -> {});
      usedBefore(one, Duration.ofMinutes(10 - fetched.size()));
    }
    cache.read(first, () -> {});
    cache.read(artifact(4), () -> {});

    assertThat(files()).hasSize(3).doesNotContain(second.hex()).contains(first.hex());
    assertThat(fetched).hasSize(4);
    cache.read(first, () -> {});
    cache.read(second, () -> {});
    assertThat(fetched).hasSize(5).endsWith(second.hex());
  }

  @Test
  void workersThatShareTheFolderSeeEachOthersFiles() throws Exception {
    Sha256 one = artifact(1);
    cache.read(one, () -> {});
    assertThat(cacheOf(3 * BYTES).read(one, () -> {})).isEqualTo(artifacts.get(one.hex()));
    assertThat(fetched).hasSize(1);
  }

  @Test
  void damagedFileIsFetchedAgain() throws Exception {
    Sha256 one = artifact(1);
    cache.read(one, () -> {});
    Files.writeString(folder.resolve(one.hex()), "garbage");
    assertThat(cache.read(one, () -> {})).isEqualTo(artifacts.get(one.hex()));
    assertThat(cache.read(one, () -> {})).isEqualTo(artifacts.get(one.hex()));
    assertThat(fetched).hasSize(2);
  }

  @Test
  void whatIsLargerThanTheFolderMayBeIsUsedAndNotKept() throws Exception {
    Sha256 one = artifact(1);
    assertThat(cacheOf(BYTES - 1).read(one, () -> {})).isEqualTo(artifacts.get(one.hex()));
    assertThat(files()).isEmpty();
  }

  @Test
  void halfWrittenFileIsRemovedOnceItsWorkerMustBeDead() throws Exception {
    Path fresh = Files.createFile(folder.resolve("partial-1.tmp"));
    Path old = Files.createFile(folder.resolve("partial-2.tmp"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    cache.read(artifact(1), () -> {});
    assertThat(fresh).exists();
    assertThat(old).doesNotExist();
  }

  /** What has ended and cannot be handed over yet does not stand still. */
  @Test
  void whoeverWaitsIsToldOfEachTryThatFailed() throws Exception {
    AtomicInteger away = new AtomicInteger();
    refusals = 2;
    cache.store("result", new byte[BYTES], away::incrementAndGet);
    assertThat(away).hasValue(2);
    assertThat(fetched).hasSize(3);
  }

  @Test
  void aCheckpointIsToldFromWhatIsToBeKept() throws Exception {
    cache.storeCheckpoint(new byte[BYTES], Duration.ofSeconds(20));
    cache.store("result", new byte[BYTES], () -> {});
    assertThat(queries).containsExactly("checkpoint=true", "null");
  }

  private ArtifactCache cacheOf(long bytesMax) {
    URI api = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new ArtifactCache(folder, bytesMax, new ApiClient(api, Optional.empty()));
  }

  private Sha256 artifact(int content) {
    byte[] bytes = new byte[BYTES];
    bytes[0] = (byte) content;
    Sha256 sha256 = Sha256.of(bytes);
    artifacts.put(sha256.hex(), bytes);
    return sha256;
  }

  private void usedBefore(Sha256 sha256, Duration ago) throws IOException {
    Files.setLastModifiedTime(
        folder.resolve(sha256.hex()), FileTime.from(Instant.now().minus(ago)));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.map(path -> path.getFileName().toString()).toList();
    }
  }
}
