package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How to run a broker's own programs as a private node: environment, configuration, command. */
final class RabbitNode {

  /** Far above the longest operation: the broker's timer must never decide about liveness. */
  static final long CONSUMER_TIMEOUT_MS = 8L * 24 * 60 * 60 * 1000;

  private static final Duration CONTROL_LIMIT = Duration.ofSeconds(30);

  private static final String LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}";

  /** How often a quorum queue says how much it holds; by itself every five seconds. */
  private static final String COUNTED_EVERY_SECOND = "-rabbit quorum_tick_interval 1000";

  /** Settings of another node that must not reach ours. */
  private static final List<String> INHERITED_SETTINGS =
      List.of("RABBITMQ_", "ERL_", "NOTIFY_SOCKET");

  private final RabbitConfig config;
  private final RabbitPorts ports;
  private final String password;

  /** Where the programs are: the script's folder, and the unpacked root or {@code /}. */
  private final Path sbin;

  private final Path root;

  RabbitNode(RabbitConfig config, RabbitPorts ports, String password, Path sbin, Path root) {
    this.config = config;
    this.ports = ports;
    this.password = password;
    this.sbin = sbin;
    this.root = root;
  }

  /** Writes the configuration and says how to start the node. */
  ProcessSpec prepare() {
    Path home = config.directory();
    writeConfiguration();
    return new ProcessSpec(
        "rabbitmq",
        // Unknown flags reach the Erlang process, where they tell nodes of several folders apart.
        List.of(sbin.resolve("rabbitmq-server").toString(), "-ktrdr", marker(home)),
        environment(),
        INHERITED_SETTINGS,
        home,
        config.log(),
        "TERM",
        marker(home));
  }

  /**
   * The node's port mapper, to be started before it: as a child of ours it is waited for and ends
   * with the node. Empty when the program is not found; the node then starts one by itself.
   */
  Optional<ProcessSpec> portMapper() {
    List<Path> folders = new ArrayList<>();
    for (String erlang : List.of("usr/lib/erlang", "usr/local/lib/erlang")) {
      folders.addAll(erlangPrograms(root.resolve(erlang)));
    }
    return folders.stream()
        .map(folder -> folder.resolve("epmd"))
        .filter(Files::isExecutable)
        .findFirst()
        .or(() -> Programs.find("epmd"))
        .map(this::portMapper);
  }

  private ProcessSpec portMapper(Path program) {
    String port = Integer.toString(epmdPort());
    return new ProcessSpec(
        "epmd",
        List.of(program.toString(), "-address", "127.0.0.1", "-port", port),
        environment(),
        INHERITED_SETTINGS,
        config.directory(),
        config.log(),
        "TERM",
        port);
  }

  /** Runs the broker's control program against this node, to its end. */
  Programs.Result control(String... arguments) {
    List<String> command = new ArrayList<>(List.of(sbin.resolve("rabbitmqctl").toString()));
    command.addAll(List.of(arguments));
    Map<String, String> environment = environment();
    environment.remove("RUNNING_UNDER_SYSTEMD");
    environment.put("RABBITMQ_CTL_ERL_ARGS", LOOPBACK_ONLY);
    String port = Integer.toString(TcpPorts.anyFree());
    environment.put("RABBITMQ_CTL_DIST_PORT_MIN", port);
    environment.put("RABBITMQ_CTL_DIST_PORT_MAX", port);
    return Programs.run(command, environment, config.directory(), CONTROL_LIMIT);
  }

  private static List<Path> erlangPrograms(Path erlang) {
    if (!Files.isDirectory(erlang)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(erlang)) {
      return entries
          .filter(entry -> String.valueOf(entry.getFileName()).startsWith("erts-"))
          .map(entry -> entry.resolve("bin"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An argument of the Erlang process that only the node of this folder has. */
  static String marker(Path home) {
    return home.toAbsolutePath().toString();
  }

  private Map<String, String> environment() {
    Path home = config.directory();
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", home.resolve("home").toString());
    environment.put("RABBITMQ_NODENAME", nodeName());
    environment.put("RABBITMQ_MNESIA_BASE", home.resolve("data").toString());
    environment.put("RABBITMQ_LOG_BASE", home.resolve("log").toString());
    environment.put("RABBITMQ_PID_FILE", home.resolve("pid").toString());
    // A path that does not exist keeps the system's own settings out.
    environment.put("RABBITMQ_CONF_ENV_FILE", home.resolve("etc/none").toString());
    environment.put("RABBITMQ_CONFIG_FILE", home.resolve("etc/rabbitmq.conf").toString());
    environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", home.resolve("etc/none.config").toString());
    environment.put(
        "RABBITMQ_ENABLED_PLUGINS_FILE", home.resolve("etc/enabled_plugins").toString());
    environment.put("RABBITMQ_GENERATED_CONFIG_DIR", home.resolve("etc/generated").toString());
    environment.put("RABBITMQ_DIST_PORT", Integer.toString(ports.distribution()));
    environment.put("ERL_EPMD_PORT", Integer.toString(epmdPort()));
    environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", LOOPBACK_ONLY + " " + COUNTED_EVERY_SECOND);
    // The script then becomes the node instead of watching it: one process, one pid.
    environment.put("RUNNING_UNDER_SYSTEMD", "true");
    if (!root.equals(Path.of("/"))) {
      unpackedPaths(environment);
    }
    return environment;
  }

  private void unpackedPaths(Map<String, String> environment) {
    Path erlang = root.resolve("usr/lib/erlang");
    List<String> libraries = new ArrayList<>();
    for (String lib : List.of("usr/lib", "lib")) {
      libraries.addAll(foldersEndingIn(root.resolve(lib), "-linux-gnu"));
    }
    environment.put(DebianBroker.ERLANG_ROOT, erlang.toString());
    environment.put("LD_LIBRARY_PATH", String.join(":", libraries));
    environment.put(
        "PATH",
        erlang.resolve("bin") + ":" + System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
  }

  private static List<String> foldersEndingIn(Path folder, String end) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(Path::toString).filter(name -> name.endsWith(end)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int epmdPort() {
    return RabbitServer.epmdPort(config, ports);
  }

  private String nodeName() {
    return config.cluster().map(ClusterMember::node).orElse("ktrdr@localhost");
  }

  private String cookie(Path home) {
    return config
        .cluster()
        .map(ClusterMember::secret)
        .orElseGet(() -> Folders.password(home.resolve("cookie")).toUpperCase(Locale.ROOT));
  }

  private void writeConfiguration() {
    Path home = config.directory();
    try {
      for (String folder : List.of("home", "data", "log", "etc/generated")) {
        Files.createDirectories(home.resolve(folder));
      }
      Files.writeString(
          home.resolve("etc/enabled_plugins"), "[rabbitmq_management,rabbitmq_prometheus].\n");
      Path cookie = home.resolve("home/.erlang.cookie");
      if (!Files.exists(cookie)) {
        Files.writeString(cookie, cookie(home));
        Files.setPosixFilePermissions(
            cookie, java.nio.file.attribute.PosixFilePermissions.fromString("r--------"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not write RabbitMQ's configuration in " + home, e);
    }
    Folders.writePrivate(home.resolve("etc/rabbitmq.conf"), configuration());
  }

  private String configuration() {
    return config.tls().map(this::tlsListener).orElseGet(() -> plainListener(ports))
        + common(ports, password)
        + config.cluster().map(RabbitNode::cluster).orElse("");
  }

  /** Of a node that is alone and speaks without TLS. */
  static String configuration(RabbitPorts ports, String password) {
    return plainListener(ports) + common(ports, password);
  }

  private static String plainListener(RabbitPorts ports) {
    return "listeners.tcp.1 = 127.0.0.1:%d\n".formatted(ports.amqp());
  }

  private String tlsListener(ServerTls tls) {
    return """
    listeners.tcp = none
    listeners.ssl.1 = 127.0.0.1:%d
    ssl_options.cacertfile = %s
    ssl_options.certfile = %s
    ssl_options.keyfile = %s
    ssl_options.verify = verify_none
    ssl_options.fail_if_no_peer_cert = false
    """
        .formatted(ports.amqp(), tls.authority(), tls.certificate(), tls.key());
  }

  private static String cluster(ClusterMember member) {
    StringBuilder text =
        new StringBuilder(
            """
            cluster_formation.peer_discovery_backend = classic_config
            cluster_formation.randomized_startup_delay_range.min = 0
            cluster_formation.randomized_startup_delay_range.max = 1
            cluster_partition_handling = pause_minority
            """);
    for (int i = 0; i < member.names().size(); i++) {
      text.append(
          "cluster_formation.classic_config.nodes.%d = %s\n"
              .formatted(i + 1, ClusterMember.nodeOf(member.names().get(i))));
    }
    return text.toString();
  }

  private static String common(RabbitPorts ports, String password) {
    return """
    management.tcp.ip = 127.0.0.1
    management.tcp.port = %d
    prometheus.tcp.ip = 127.0.0.1
    prometheus.tcp.port = %d
    default_user = %s
    default_pass = %s
    consumer_timeout = %d
    collect_statistics_interval = 1000
    management.rates_mode = basic
    vm_memory_high_watermark.absolute = 512MB
    disk_free_limit.absolute = 200MB
    log.file = false
    log.console = true
    log.console.level = info
    """
        .formatted(
            ports.management(),
            ports.prometheus(),
            RabbitServer.USER,
            password,
            CONSUMER_TIMEOUT_MS);
  }
}
