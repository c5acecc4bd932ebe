package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * A private RabbitMQ node: own folder, own ports on 127.0.0.1, own Erlang port mapper and cookie,
 * user {@code ktrdr}, management and Prometheus plugins on. Queues and messages survive its stop
 * and its kill. Start, stop and restart are for one thread at a time.
 */
public final class RabbitServer implements AutoCloseable {

  /** The administrator every node has. */
  public static final String USER = "ktrdr";

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration MANAGEMENT_LIMIT = Duration.ofSeconds(30);
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(2);
  private static final Duration EPMD_LIMIT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(50);

  /** Present once the node has been up: from then on its data is kept. */
  private static final String INITIALISED = "initialised";

  private static final int LOG_LINES = 25;

  private final RabbitConfig config;
  private final RabbitPorts ports;
  private final String password;
  private final BrokerSource source;
  private OwnedProcess process;

  private RabbitServer(
      RabbitConfig config, RabbitPorts ports, String password, BrokerSource source) {
    this.config = config;
    this.ports = ports;
    this.password = password;
    this.source = source;
    this.process = launch();
  }

  /**
   * Finds or fetches a broker, starts it, and waits until clients can connect and the management
   * API answers. A node of the same folder that outlived its starter is stopped first.
   *
   * @throws StandaloneException {@code RABBITMQ_…} when there is none or it does not come up
   */
  public static RabbitServer start(RabbitConfig config) {
    BrokerSource source = fetched(config);
    stopLeftOver(config);
    discardHalfMadeData(config);
    String password =
        config
            .cluster()
            .map(ClusterMember::secret)
            .orElseGet(() -> Folders.password(config.directory().resolve("password")));
    RabbitPorts ports = RabbitPorts.choose(portsFile(config));
    RabbitServer server = new RabbitServer(config, ports, password, source);
    try {
      server.awaitReady();
      Folders.writePrivate(config.directory().resolve(INITIALISED), "");
    } catch (RuntimeException e) {
      server.kill();
      throw e;
    }
    return server;
  }

  /**
   * Fetches what {@link #start} needs, so that a later start can do without the network.
   *
   * @return whether it can: a container cannot
   */
  public static boolean prepare(RabbitConfig config) {
    return !(fetched(config) instanceof BrokerSource.DockerImage);
  }

  private static BrokerSource fetched(RabbitConfig config) {
    BrokerSource source = BrokerSource.choose();
    if (source instanceof BrokerSource.DebianPackages) {
      DebianBroker.unpack(config.runtime(), config.progress());
    }
    return source;
  }

  /** The virtual host {@code /}. */
  public BrokerAccess access() {
    return new BrokerAccess(
        (config.tls().isPresent() ? "amqps://" : "amqp://")
            + USER
            + ":"
            + password
            + "@127.0.0.1:"
            + ports.amqp()
            + "/%2F",
        "http://127.0.0.1:" + ports.management(),
        USER,
        password,
        "/");
  }

  /** AMQP port on 127.0.0.1. */
  public int port() {
    return ports.amqp();
  }

  /** Where Prometheus can scrape the broker. */
  public String metricsUrl() {
    return "http://127.0.0.1:" + ports.prometheus() + "/metrics";
  }

  /** The node's process (with Docker, the client's that is attached to the container). */
  public OwnedProcess process() {
    return process;
  }

  /** Port of the node's Erlang port mapper: its own, or its cluster's. */
  int epmdPort() {
    return epmdPort(config, ports);
  }

  static int epmdPort(RabbitConfig config, RabbitPorts ports) {
    return config.cluster().map(ClusterMember::epmdPort).orElse(ports.epmd());
  }

  /** Where the broker came from, for people. */
  public String description() {
    return switch (source) {
      case BrokerSource.Installed installed -> "installed in " + installed.sbin();
      case BrokerSource.DebianPackages _ -> "unpacked in " + config.runtime().resolve("rabbitmq");
      case BrokerSource.DockerImage docker -> "Docker image " + docker.image();
    };
  }

  /**
   * Runs {@code rabbitmqctl} against this node.
   *
   * @return what it printed
   * @throws StandaloneException {@code RABBITMQ_CONTROL_FAILED} when it ends with an error, or when
   *     the node is a container's
   */
  public String control(String... arguments) {
    Programs.Result result =
        switch (source) {
          case BrokerSource.Installed installed ->
              node(installed.sbin(), Path.of("/")).control(arguments);
          case BrokerSource.DebianPackages _ -> {
            Path root = unpackedRoot();
            yield node(unpackedPrograms(root), root).control(arguments);
          }
          case BrokerSource.DockerImage docker ->
              new Programs.Result(1, docker.image() + " is a container; use docker exec");
        };
    if (!result.succeeded()) {
      throw new StandaloneException(
          "RABBITMQ_CONTROL_FAILED",
          "rabbitmqctl " + String.join(" ", arguments) + ": " + result.output());
    }
    return result.output();
  }

  /** Kills the node (SIGKILL), as a power cut would, and its port mapper. */
  public void kill() {
    if (source instanceof BrokerSource.DockerImage) {
      RabbitContainer.remove(config);
    }
    process.kill();
    endEpmd();
  }

  /** Freezes the node: connections stay open and nothing answers. */
  public void pause() {
    process.pause();
  }

  /** Ends {@link #pause()}. */
  public void resume() {
    process.resume();
  }

  /** Stops it if it runs and starts it on the same ports and data. */
  public void restart() {
    close();
    process = launch();
    awaitReady();
  }

  /** Stops node and port mapper. Does nothing when they are down. */
  @Override
  public void close() {
    if (source instanceof BrokerSource.DockerImage) {
      RabbitContainer.stop(config);
    }
    process.stop(config.stopGrace());
    endEpmd();
  }

  private OwnedProcess launch() {
    return switch (source) {
      case BrokerSource.Installed installed -> launchNode(installed.sbin(), Path.of("/"));
      case BrokerSource.DebianPackages _ -> {
        Path root = unpackedRoot();
        yield launchNode(unpackedPrograms(root), root);
      }
      case BrokerSource.DockerImage docker ->
          config
              .launcher()
              .launch(RabbitContainer.prepare(config, ports, password, docker.image()));
    };
  }

  private Path unpackedRoot() {
    return config.runtime().resolve("rabbitmq");
  }

  private static Path unpackedPrograms(Path root) {
    return BrokerSource.installation(root)
        .orElseThrow(() ->
            new StandaloneException(
                "RABBITMQ_UNPACKED_INCOMPLETE",
                "No rabbitmq-server under " + root + ". Delete that folder and retry."));
  }

  private RabbitNode node(Path sbin, Path root) {
    return new RabbitNode(config, ports, password, sbin, root);
  }

  private OwnedProcess launchNode(Path sbin, Path root) {
    RabbitNode node = node(sbin, root);
    ProcessSpec spec = node.prepare();
    node.portMapper()
        .map(config.launcher()::launch)
        .ifPresent(mapper ->
            Await.until(EPMD_LIMIT, POLL, () -> TcpPorts.accepts(epmdPort()) || !mapper.isAlive()));
    return config.launcher().launch(spec);
  }

  /** Stops what a killed starter left: the node, then its port mapper. */
  static void stopLeftOver(RabbitConfig config) {
    leftOver(config).ifPresent(p -> OwnedProcess.stopForeign(p, "TERM", config.stopGrace()));
    RabbitContainer.removeLeftOver(config);
    RabbitPorts.read(portsFile(config)).ifPresent(ports -> killEpmd(ports.epmd()));
  }

  /** The live node of this folder, whoever started it. */
  static Optional<ProcessHandle> leftOver(RabbitConfig config) {
    String marker = RabbitNode.marker(config.directory());
    Path pidFile = config.directory().resolve("pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
          .filter(p -> ProcessArguments.of(p).contains(marker));
    } catch (IOException | NumberFormatException unreadable) {
      return Optional.empty();
    }
  }

  /** A first start that was killed half-way leaves a schema the next start would trip over. */
  private static void discardHalfMadeData(RabbitConfig config) {
    if (Files.exists(config.directory().resolve(INITIALISED))) {
      return;
    }
    try {
      Folders.delete(config.directory().resolve("data"));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not clear " + config.directory(), e);
    }
  }

  private static Path portsFile(RabbitConfig config) {
    return config.directory().resolve("ports");
  }

  /** A cluster's ends with the last of its nodes: until then it refuses. */
  private void endEpmd() {
    if (config.cluster().isPresent()) {
      boolean _ = Epmd.kill(epmdPort());
    } else {
      killEpmd(ports.epmd());
    }
  }

  /** The node deregisters as it dies; until then its port mapper refuses to end. */
  private static void killEpmd(int port) {
    Await.until(EPMD_LIMIT, POLL, () -> Epmd.kill(port));
  }

  private void awaitReady() {
    boolean open =
        Await.until(START_LIMIT, POLL, () -> !process.isAlive() || TcpPorts.accepts(ports.amqp()));
    if (!process.isAlive()) {
      throw failure("RABBITMQ_DIED", "RabbitMQ ended while starting");
    }
    if (!open) {
      throw failure(
          "RABBITMQ_START_TIMEOUT",
          "RabbitMQ did not open its port within " + START_LIMIT.toSeconds() + " s");
    }
    if (!Await.until(MANAGEMENT_LIMIT, POLL, this::managementAnswers)) {
      throw failure(
          "RABBITMQ_MANAGEMENT_TIMEOUT",
          "RabbitMQ's management API did not answer within " + MANAGEMENT_LIMIT.toSeconds() + " s");
    }
    if (config.cluster().isPresent() && !Await.until(MANAGEMENT_LIMIT, POLL, this::hasStarted)) {
      throw failure("RABBITMQ_START_TIMEOUT", "RabbitMQ did not say that it has started");
    }
  }

  /**
   * A node serves clients a moment before the others count on it: a virtual host made meanwhile is
   * never started on it.
   */
  private boolean hasStarted() {
    return process.logTail(LOG_LINES).contains("Server startup complete");
  }

  private StandaloneException failure(String code, String what) {
    return new StandaloneException(
        code, what + ". End of " + process.log() + ":\n" + process.logTail(LOG_LINES));
  }

  private boolean managementAnswers() {
    String login =
        Base64.getEncoder()
            .encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + ports.management() + "/api/overview"))
            .timeout(REQUEST_LIMIT)
            .header("Authorization", "Basic " + login)
            .build();
    try (HttpClient client = Readiness.newClient()) {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
