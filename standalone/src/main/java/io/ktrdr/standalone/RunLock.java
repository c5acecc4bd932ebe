package io.ktrdr.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/**
 * One supervisor per checkout. The operating system gives the lock back when its holder dies,
 * however it dies; who holds it is written beside it.
 */
final class RunLock implements AutoCloseable {

  /** Every start of ours carries it on its command line. */
  static final String MARKER = "-Dktrdr.root=";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /** The lock, or empty when another supervisor holds it. */
  static Optional<RunLock> tryAcquire(Layout layout) {
    try {
      Files.createDirectories(layout.run());
      FileChannel channel =
          FileChannel.open(
              layout.run().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        return Optional.empty();
      }
      writeHolder(layout);
      return Optional.of(new RunLock(channel));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not lock " + layout.run(), e);
    }
  }

  /** The process that holds (or held) the lock, if it still lives. */
  static Optional<ProcessHandle> holder(Layout layout) {
    return holderRecord(layout).flatMap(ProcessRecord::find);
  }

  /** Whether somebody holds it right now. */
  static boolean isHeld(Layout layout) {
    if (!Files.exists(layout.run().resolve("lock"))) {
      return false;
    }
    try (FileChannel channel =
        FileChannel.open(layout.run().resolve("lock"), StandardOpenOption.WRITE)) {
      FileLock lock = tryLock(channel);
      return lock == null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessRecord> holderRecord(Layout layout) {
    Path file = layout.run().resolve("supervisor.json");
    try {
      return Files.exists(file)
          ? Optional.of(Json.mapper().readValue(Files.readString(file), ProcessRecord.class))
          : Optional.empty();
    } catch (JsonProcessingException damaged) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeHolder(Layout layout) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    ProcessRecord record =
        new ProcessRecord(
            "supervisor",
            self.pid(),
            self.info().startInstant().orElseGet(Instant::now),
            MARKER + layout.root());
    Folders.writePrivate(
        layout.run().resolve("supervisor.json"), Json.mapper().writeValueAsString(record));
  }

  private static @org.jspecify.annotations.Nullable FileLock tryLock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisJvm) {
      return null;
    }
  }
}
