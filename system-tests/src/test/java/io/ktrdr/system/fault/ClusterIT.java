package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.testkit.GivenServers;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A broker of three nodes, of which the one that leads every queue dies. */
@Tag(Fault.SLOW)
@SuppressWarnings("NullAway.Init")
final class ClusterIT {

  private static final int NODES = 3;
  private static final int LEADER = 1;

  private static List<RabbitServer> nodes;
  private static TestVirtualHost broker;
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    nodes = TestBroker.ownCluster(NODES);
    broker = TestVirtualHost.create(nodes.getFirst().access().withVirtualHost("ktrdr"));
    await().atMost(FaultSystem.PATIENCE).until(() -> running() == NODES);
    // A queue is led by the node that declares it.
    String leader = nodes.get(LEADER).access().withVirtualHost("ktrdr").amqpUrl();
    try (BrokerSession session =
        BrokerSession.open(new BrokerConnector(leader, "operator"), "declare")) {
      session.declareTopology();
    }
    system =
        FaultSystem.start(
            SystemPlan.apiOnly(),
            new GivenServers(
                TestPostgres.emptyDatabase(),
                broker,
                Map.of("RABBITMQ_URL", urlOfAll(), "KTRDR_ADVERTISED_RABBITMQ_URL", urlOfAll())),
            2);
  }

  @AfterAll
  static void stop() {
    system.close();
    nodes.forEach(RabbitServer::close);
  }

  /**
   * Seen failing with a publisher that went on with a channel which had refused a message while
   * there was no leader: that channel refused all others, too, and four operations were never
   * taken.
   */
  @Fault(
      row = 42,
      what = "one of three broker nodes killed (kill -9), the one that leads every queue",
      outcome = "what runs goes on, what is submitted is run, nothing runs twice",
      within = 45)
  void theOtherNodesGoOn(Recovery recovery) {
    String queue = FaultSystem.QUEUE;
    assertThat(broker.queue(queue).path("leader").asText()).isEqualTo("node2@localhost");
    assertThat(broker.queue(queue).path("members")).hasSize(NODES);
    List<String> ids = new ArrayList<>(system.submit(Script.STEPS, 400, 2));
    ids.forEach(system::awaitRunning);
    ids.addAll(system.submit(Script.STEPS, 20, 4));

    nodes.get(LEADER).kill();
    recovery.start();
    ids.addAll(system.submit(Script.STEPS, 20, 4));
    recovery.await("all completed", () -> ids.stream().allMatch(system::ended));

    for (String id : ids) {
      assertThat(system.attempts(id)).as(id).containsExactly("1|completed");
    }
    assertThat(system.liveWorkers()).hasSize(2).allMatch(OwnedProcess::isAlive);
    nodes.get(LEADER).restart();
    await().atMost(FaultSystem.PATIENCE).until(() -> running() == NODES);
    system.checkAtRest();
  }

  /** {@code amqp://user:password@host:port,host:port,host:port/vhost}. */
  private static String urlOfAll() {
    URI one = URI.create(broker.amqpUrl());
    return "amqp://%s@%s%s"
        .formatted(
            one.getRawUserInfo(),
            nodes.stream().map(node -> "127.0.0.1:" + node.port()).collect(Collectors.joining(",")),
            one.getRawPath());
  }

  private static int running() {
    int running = 0;
    for (JsonNode node : broker.get("/api/nodes")) {
      running += node.path("running").asBoolean() ? 1 : 0;
    }
    return running;
  }
}
