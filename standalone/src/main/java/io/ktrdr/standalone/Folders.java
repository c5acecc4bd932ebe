package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Files and folders: whole or not at all, private where they hold a password. */
final class Folders {

  private static final int PASSWORD_BYTES = 16;

  /** File locks are per JVM; threads of this one queue here. */
  private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

  private Folders() {}

  /** Fills a folder that must appear complete or not at all. */
  interface Filler {
    void fill(Path staging) throws IOException;
  }

  /**
   * Makes {@code target} once, however many processes want it: filled aside, then renamed.
   *
   * @return {@code target}, complete
   */
  static Path once(Path target, Filler filler) {
    if (Files.isDirectory(target)) {
      return target;
    }
    ONE_AT_A_TIME.lock();
    try {
      Path parent = Files.createDirectories(parentOf(target));
      try (FileChannel channel =
              FileChannel.open(
                  parent.resolve(target.getFileName() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !Files.isDirectory(target)) {
          Path staging = parent.resolve(target.getFileName() + ".partial");
          delete(staging);
          filler.fill(Files.createDirectories(staging));
          Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("Could not make " + target, e);
    } finally {
      ONE_AT_A_TIME.unlock();
    }
  }

  /** Writes a file readable by its owner only, whole or not at all. */
  static void writePrivate(Path file, String text) {
    try {
      Path parent = Files.createDirectories(parentOf(file));
      Path staging =
          Files.createTempFile(
              parent,
              file.getFileName().toString(),
              ".new",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(staging, text);
      try {
        Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(staging, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not write " + file, e);
    }
  }

  /**
   * The password kept in {@code file}; made at random, readable by its owner only, the first time.
   */
  static String password(Path file) {
    try {
      if (Files.exists(file)) {
        return Files.readString(file).strip();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + file, e);
    }
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    writePrivate(file, password + "\n");
    return password;
  }

  /** Deletes a folder with all it holds; nothing there is no error. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a temporary file if it is there; one that stays is the temporary folder's business. */
  static void deleteQuietly(@Nullable Path file) {
    if (file != null && !file.toFile().delete()) {
      file.toFile().deleteOnExit();
    }
  }

  static Path parentOf(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path.toAbsolutePath() : parent;
  }
}
