package io.ktrdr.testkit;

import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.ClusterMember;
import io.ktrdr.standalone.RabbitConfig;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.standalone.ServerTls;
import io.ktrdr.standalone.TcpPorts;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A real RabbitMQ for tests: the broker of {@code TEST_RABBITMQ_URL} (management on {@code
 * TEST_RABBITMQ_MANAGEMENT_URL}, else port 15672), or a private node started once per JVM.
 * Thread-safe.
 */
public final class TestBroker {

  /** URL of a broker on which the tests may create and delete virtual hosts. */
  public static final String URL_VARIABLE = "TEST_RABBITMQ_URL";

  /** Base URL of its management API. */
  public static final String MANAGEMENT_URL_VARIABLE = "TEST_RABBITMQ_MANAGEMENT_URL";

  private static final AtomicInteger COUNTER = new AtomicInteger();

  private TestBroker() {}

  /** A new virtual host, empty, with all permissions for its user. */
  public static TestVirtualHost freshVirtualHost() {
    String name = "test-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
    return TestRun.current().closeAtEnd(TestVirtualHost.create(access().withVirtualHost(name)));
  }

  /** The broker with its default virtual host. */
  public static BrokerAccess access() {
    return Server.ACCESS;
  }

  /**
   * A node of the caller's own, to be killed, frozen or restarted; stopped at the latest when the
   * JVM ends.
   */
  public static RabbitServer ownServer() {
    TestRun run = TestRun.current();
    return run.closeAtEnd(RabbitServer.start(run.ownRabbitConfig()));
  }

  /** As {@link #ownServer()}, with TLS only. */
  public static RabbitServer ownServer(ServerTls tls) {
    TestRun run = TestRun.current();
    return run.closeAtEnd(RabbitServer.start(run.ownRabbitConfig().with(tls)));
  }

  /**
   * A cluster of the caller's own, its nodes on this machine, started at the same time.
   *
   * @param size how many nodes
   */
  public static List<RabbitServer> ownCluster(int size) {
    TestRun run = TestRun.current();
    List<String> names =
        IntStream.rangeClosed(1, size).mapToObj(number -> "node" + number).toList();
    int epmdPort = TcpPorts.anyFree();
    String secret = "TEST" + ProcessHandle.current().pid() + "X" + epmdPort;
    List<RabbitConfig> configs =
        names.stream()
            .map(name ->
                run.ownRabbitConfig().with(new ClusterMember(name, names, epmdPort, secret)))
            .toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<RabbitServer>> starting =
          configs.stream()
              .map(config ->
                  CompletableFuture.supplyAsync(
                      () -> run.closeAtEnd(RabbitServer.start(config)), threads))
              .toList();
      return starting.stream().map(CompletableFuture::join).toList();
    }
  }

  /**
   * Fetches the broker's programs, for a test that starts its broker where there is no network.
   *
   * @return whether that can be done with what this machine has
   */
  public static boolean prepare() {
    return RabbitServer.prepare(TestRun.current().rabbitConfig());
  }

  /** Started when first asked for. */
  private static final class Server {
    static final BrokerAccess ACCESS = start();

    private static BrokerAccess start() {
      TestRun run = TestRun.current();
      String given = System.getenv(URL_VARIABLE);
      if (given != null && !given.isBlank()) {
        String management = System.getenv(MANAGEMENT_URL_VARIABLE);
        return BrokerAccess.parse(given, management == null ? "" : management);
      }
      return run.closeAtEnd(RabbitServer.start(run.rabbitConfig())).access();
    }
  }
}
