package io.ktrdr.system.fault;

import io.ktrdr.standalone.ProcessSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A host of its own for workers: an address, a link that can be cut, and a disk on which the API's
 * folders are not. Made of network and mount namespaces that a small process holds; it ends, and
 * they with it, when this JVM does. For one thread.
 */
final class Host implements AutoCloseable {

  private static final String READY = "ready";

  /** All that a worker elsewhere may be told; the last is for the library that trains. */
  private static final Set<String> TOLD =
      Set.of(
          "KTRDR_API_URL",
          "WORKER_ID",
          "WORKER_ENDPOINT_URL",
          "KTRDR_CACHE_DIR",
          "OMP_NUM_THREADS");

  /** Before every variable's name: nothing of this host's environment goes elsewhere. */
  private static final List<String> EVERYTHING = List.of("");

  private final String address;
  private final String link;
  private final Path disk;
  private final Process holder;

  private Host(String address, String link, Path disk, Process holder) {
    this.address = address;
    this.link = link;
    this.disk = disk;
    this.holder = holder;
  }

  /**
   * A host on the network of a {@link HostNetwork}, connected.
   *
   * @param name short, for the link
   * @param hidden folders that are empty there
   * @param cache folder whose content is the host's own
   * @param disk empty folder
   */
  static Host start(String name, String address, List<Path> hidden, Path cache, Path disk) {
    try {
      Path ownCache = Files.createDirectories(disk.resolve("cache"));
      Path _ = Files.createDirectories(disk.resolve("empty"));
      Process holder = hold(hidden, cache, ownCache);
      Host host = new Host(address, "to-" + name, disk, holder);
      host.connect();
      return host;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process hold(List<Path> hidden, Path cache, Path ownCache) throws IOException {
    StringBuilder script = new StringBuilder("set -e\n");
    hidden.forEach(folder -> script.append("mount -t tmpfs none '%s'\n".formatted(folder)));
    script.append("mount --bind '%s' '%s'\n".formatted(ownCache, cache));
    // Reads until this JVM is gone, however it went.
    script.append("ip link set lo up\necho %s\nexec cat\n".formatted(READY));
    Process holder =
        new ProcessBuilder("unshare", "--net", "--mount", "sh", "-c", script.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said = holder.inputReader();
    if (!READY.equals(said.readLine())) {
      throw new IllegalStateException("no namespace for a host: see the standard error");
    }
    return holder;
  }

  private void connect() {
    String pid = Long.toString(holder.pid());
    Commands.run("ip", "link", "add", link, "type", "veth", "peer", "eth0", "netns", pid);
    Commands.run("ip", "link", "set", link, "master", HostNetwork.BRIDGE, "up");
    run("ip", "addr", "add", address + HostNetwork.PREFIX, "dev", "eth0");
    run("ip", "link", "set", "eth0", "up");
  }

  String address() {
    return address;
  }

  /** What workers there keep: artifacts by their digest. */
  Path artifacts() {
    return disk.resolve("cache").resolve("artifacts");
  }

  /** The same process there, told of nothing but the API, its id and where it may keep things. */
  ProcessSpec elsewhere(ProcessSpec here) {
    List<String> command = new ArrayList<>(entered());
    command.add("--wd=" + disk.resolve("empty"));
    command.add("--");
    command.addAll(here.command());
    Map<String, String> told = new HashMap<>(here.environment());
    told.keySet().retainAll(TOLD);
    return new ProcessSpec(
        here.name(),
        command,
        told,
        EVERYTHING,
        disk.resolve("empty"),
        here.log(),
        here.stopSignal(),
        here.marker());
  }

  /** Runs a short program there. */
  void run(String... command) {
    List<String> all = new ArrayList<>(entered());
    all.add("--");
    all.addAll(List.of(command));
    Commands.run(all.toArray(String[]::new));
  }

  private List<String> entered() {
    String namespaces = "/proc/" + holder.pid() + "/ns/";
    return List.of(
        Commands.path("nsenter"), "--net=" + namespaces + "net", "--mount=" + namespaces + "mnt");
  }

  /** Pulls the plug: nothing arrives any more, and nobody is told. */
  void cut() {
    Commands.run("ip", "link", "set", link, "down");
  }

  /** Ends {@link #cut}. */
  void mend() {
    Commands.run("ip", "link", "set", link, "up");
  }

  @Override
  public void close() {
    holder.destroy();
  }
}
