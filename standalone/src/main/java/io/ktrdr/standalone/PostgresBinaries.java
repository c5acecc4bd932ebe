package io.ktrdr.standalone;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The Postgres programs that come as a jar on the class path, unpacked once per version. */
final class PostgresBinaries {

  private PostgresBinaries() {}

  /**
   * Folder holding {@code bin/initdb} and {@code bin/postgres}, unpacked if it is not there yet.
   */
  static Path unpack(Path runtime) {
    String platform =
        platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    Path target = runtime.resolve("postgres-" + version() + "-" + platform);
    return Folders.once(target, staging -> unpackArchive(platform, staging));
  }

  /** Name the archives use for an operating system and processor. */
  static String platform(String os, String arch) {
    String system = os.toLowerCase(Locale.ROOT);
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    if (system.contains("linux")) {
      return arm ? "linux-arm_64" : "linux-x86_64";
    }
    if (system.contains("mac")) {
      return arm ? "darwin-arm_64" : "darwin-x86_64";
    }
    throw new StandaloneException(
        "POSTGRES_PLATFORM_UNKNOWN",
        "No embedded Postgres for " + os + " on " + arch + ". Start one and set DATABASE_URL.");
  }

  static String version() {
    Properties versions = new Properties();
    try (InputStream in = PostgresBinaries.class.getResourceAsStream("versions.properties")) {
      versions.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("versions.properties is unreadable", e);
    }
    return versions.getProperty("postgres", "unknown");
  }

  private static void unpackArchive(String platform, Path folder) throws IOException {
    String archive = "/postgres-" + platform + ".txz";
    try (InputStream packed = PostgresBinaries.class.getResourceAsStream(archive)) {
      if (packed == null) {
        throw new StandaloneException(
            "POSTGRES_BINARIES_MISSING",
            archive + " is not on the class path. Rebuild, or set DATABASE_URL.");
      }
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          unpackEntry(tar, entry, folder);
        }
      }
    }
  }

  private static void unpackEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path folder)
      throws IOException {
    Path path = entry.resolveIn(folder);
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(Folders.parentOf(path));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, path);
    if ((entry.getMode() & 0100) != 0) {
      Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(path));
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(path, permissions);
    }
  }
}
