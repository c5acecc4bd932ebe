package io.ktrdr.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * RabbitMQ and Erlang from the distribution's own packages, unpacked without root and without
 * touching the system: apt checks signatures as usual but keeps its state in our folder.
 */
final class DebianBroker {

  private static final Duration UPDATE_LIMIT = Duration.ofMinutes(3);
  private static final Duration DOWNLOAD_LIMIT = Duration.ofMinutes(15);
  private static final Duration UNPACK_LIMIT = Duration.ofMinutes(2);
  private static final Duration REPORT_EVERY = Duration.ofSeconds(1);
  private static final long MEGABYTE = 1_000_000;

  /** {@code 'url' file size hash}, as {@code --print-uris} writes it. */
  private static final Pattern PACKAGE_LINE = Pattern.compile("^'[^']+' (\\S+) (\\d+) \\S*$");

  /** Names Debian's Erlang start scripts use for their own folder. */
  private static final String FIXED_ERLANG = "ROOTDIR=/usr/lib/erlang";

  /** Variable that tells the unpacked start scripts where they are. */
  static final String ERLANG_ROOT = "KTRDR_ERLANG_ROOT";

  private DebianBroker() {}

  /** A package to fetch. */
  record DebPackage(String name, long bytes) {}

  /** Folder that plays the root of the file system for the unpacked broker. */
  static Path unpack(Path runtime, Consumer<String> progress) {
    Path target = runtime.resolve("rabbitmq");
    if (target.toString().contains(" ")) {
      throw new StandaloneException(
          "RABBITMQ_PATH_HAS_SPACE",
          "RabbitMQ cannot run from a path with a space: "
              + target
              + ". Move the checkout, install rabbitmq-server, or set RABBITMQ_URL.");
    }
    return Folders.once(target, staging -> fill(staging, progress));
  }

  private static void fill(Path staging, Consumer<String> progress) throws IOException {
    Path work = staging.resolveSibling("rabbitmq.download");
    Folders.delete(work);
    try {
      List<String> apt = apt(work);
      progress.accept("RabbitMQ: not installed here; reading the package lists (once)");
      require(apt, List.of("update"), work, UPDATE_LIMIT);
      String listing =
          require(
              apt,
              List.of("install", "--print-uris", "--no-install-recommends", "rabbitmq-server"),
              work,
              UPDATE_LIMIT);
      List<DebPackage> packages = packages(listing);
      download(apt, packages, Files.createDirectories(work.resolve("debs")), progress);
      unpackAll(work.resolve("debs"), staging, progress);
      makeRelocatable(staging);
    } finally {
      Folders.delete(work);
    }
  }

  /** What {@code --print-uris} listed. */
  static List<DebPackage> packages(String listing) {
    List<DebPackage> packages = new ArrayList<>();
    for (String line : listing.lines().toList()) {
      Matcher matcher = PACKAGE_LINE.matcher(line.strip());
      if (matcher.matches()) {
        String name = matcher.group(1).replaceFirst("_.*", "");
        packages.add(new DebPackage(name, Long.parseLong(matcher.group(2))));
      }
    }
    return packages;
  }

  /**
   * The system's package status without Erlang and RabbitMQ: a half-installed Erlang elsewhere must
   * not keep apt from fetching ours.
   */
  static String statusWithoutErlang(String status) {
    return Stream.of(status.split("\n\n"))
        .filter(p -> !p.startsWith("Package: erlang") && !p.startsWith("Package: rabbitmq-server"))
        .collect(Collectors.joining("\n\n"));
  }

  private static List<String> apt(Path work) throws IOException {
    Path state = work.resolve("state");
    Path cache = work.resolve("cache");
    Files.createDirectories(state.resolve("lists/partial"));
    Files.createDirectories(cache.resolve("archives/partial"));
    Path status = work.resolve("status");
    Files.writeString(
        status, statusWithoutErlang(Files.readString(Path.of("/var/lib/dpkg/status"))));
    return List.of(
        "apt-get",
        "-qq",
        "-o",
        "Dir::State=" + state,
        "-o",
        "Dir::Cache=" + cache,
        "-o",
        "Dir::State::status=" + status,
        "-o",
        "APT::Sandbox::User=",
        "-o",
        "Debug::NoLocking=1",
        "-o",
        "Acquire::Retries=3");
  }

  private static void download(
      List<String> apt, List<DebPackage> packages, Path folder, Consumer<String> progress) {
    long total = packages.stream().mapToLong(DebPackage::bytes).sum();
    List<String> arguments = new ArrayList<>(List.of("download"));
    packages.forEach(p -> arguments.add(p.name()));
    CompletableFuture<String> download =
        CompletableFuture.supplyAsync(() -> require(apt, arguments, folder, DOWNLOAD_LIMIT));
    do {
      progress.accept(
          "RabbitMQ: downloading %d packages, %d of %d MB"
              .formatted(packages.size(), bytesIn(folder) / MEGABYTE, total / MEGABYTE));
    } while (!Await.until(REPORT_EVERY, REPORT_EVERY.dividedBy(10), download::isDone));
    try {
      download.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StandaloneException known ? known : e;
    }
  }

  private static void unpackAll(Path debs, Path target, Consumer<String> progress)
      throws IOException {
    progress.accept("RabbitMQ: unpacking");
    List<Path> files;
    try (Stream<Path> entries = Files.list(debs)) {
      files = entries.sorted().toList();
    }
    for (Path deb : files) {
      List<String> command = List.of("dpkg", "-x", deb.toString(), target.toString());
      require(command, List.of(), debs, UNPACK_LIMIT);
    }
  }

  /** Debian's start scripts name /usr/lib/erlang outright; ours ask the environment. */
  private static void makeRelocatable(Path target) throws IOException {
    List<Path> scripts;
    try (Stream<Path> entries =
        Files.find(target.resolve("usr/lib/erlang"), 4, (p, a) -> a.isRegularFile())) {
      scripts =
          entries
              .filter(p -> List.of("erl", "start").contains(String.valueOf(p.getFileName())))
              .toList();
    }
    for (Path script : scripts) {
      String text = Files.readString(script);
      Files.writeString(script, text.replace(FIXED_ERLANG, "ROOTDIR=\"$" + ERLANG_ROOT + "\""));
    }
  }

  private static String require(
      List<String> program, List<String> arguments, Path directory, Duration limit) {
    List<String> command = new ArrayList<>(program);
    command.addAll(arguments);
    Programs.Result result = Programs.run(command, Map.of("LC_ALL", "C"), directory, limit);
    if (!result.succeeded()) {
      throw new StandaloneException(
          "RABBITMQ_DOWNLOAD_FAILED",
          "Could not fetch RabbitMQ's packages: '%s' failed (exit %d). Check the network and apt's sources, install rabbitmq-server, or set RABBITMQ_URL.\n%s"
              .formatted(
                  program.getFirst() + (arguments.isEmpty() ? "" : " " + arguments.getFirst()),
                  result.exitCode(),
                  result.output()));
    }
    return result.output();
  }

  private static long bytesIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.mapToLong(p -> p.toFile().length()).sum();
    } catch (IOException e) {
      return 0;
    }
  }
}
