package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.Delivery;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker that takes from several queues still has one delivery at a time. */
final class SeveralQueuesIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String ROUTE_GPU = "training.gpu";
  private static final String GPU = Topology.queueOf(ROUTE_GPU);
  private static final String PLAIN = Topology.queueOf(OperationType.TRAINING);

  private final TestVirtualHost broker = TestBroker.freshVirtualHost();
  private final BrokerConnector connector = new BrokerConnector(broker.amqpUrl(), "test");
  private final ConfirmedPublisher publisher = new ConfirmedPublisher(connector);
  private final AtomicReference<List<String>> wanted = new AtomicReference<>(List.of(GPU, PLAIN));
  private final AtomicBoolean busy = new AtomicBoolean();
  private final LinkedBlockingQueue<Delivery> taken = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    publisher.close();
    broker.close();
  }

  @Test
  void oneAtATimeAndTheFirstQueueGoesFirst() throws Exception {
    publish("training", "plain-1", "plain-2");
    publish(ROUTE_GPU, "gpu-1", "gpu-2", "gpu-3");
    List<String> order = new ArrayList<>();
    try (QueueConsumer consumer = consumer()) {
      consumer.start();
      for (int i = 0; i < 5; i++) {
        Delivery delivery = next();
        assertThat(taken).as("a second delivery while one is in hand").isEmpty();
        assertThat(consumer.subscribed()).isTrue();
        order.add(new String(delivery.body(), StandardCharsets.UTF_8));
        // What has come meanwhile stays in its queue, for others.
        await().atMost(LIMIT).until(() -> consumer.subscribedQueues().isEmpty());
        delivery.ack();
        busy.set(false);
      }
      await().atMost(LIMIT).until(() -> consumer.subscribedQueues().equals(List.of(GPU, PLAIN)));
    }
    assertThat(order).containsExactly("gpu-1", "gpu-2", "gpu-3", "plain-1", "plain-2");
  }

  @Test
  void queuesComeAndGoWhileItRuns() throws Exception {
    wanted.set(List.of(PLAIN));
    String demanding = "training.cores8.mem32";
    try (QueueConsumer consumer = consumer()) {
      consumer.start();
      await().atMost(LIMIT).until(() -> consumer.subscribedQueues().equals(List.of(PLAIN)));

      publish(demanding, "demanding");
      connector.topology().add(demanding);
      wanted.set(List.of(Topology.queueOf(demanding), PLAIN));
      Delivery delivery = next();
      assertThat(delivery.body()).asString(StandardCharsets.UTF_8).isEqualTo("demanding");

      wanted.set(List.of());
      delivery.ack();
      busy.set(false);
      publish("training", "paused");
      await().atMost(LIMIT).until(() -> !consumer.subscribed());
      assertThat(consumer.subscribedQueues()).isEmpty();

      wanted.set(List.of(PLAIN));
      assertThat(next().body()).asString(StandardCharsets.UTF_8).isEqualTo("paused");
    }
  }

  @Test
  void workerOfHigherPriorityIsServedFirst() throws Exception {
    wanted.set(List.of(PLAIN));
    LinkedBlockingQueue<Delivery> slow = new LinkedBlockingQueue<>();
    try (QueueConsumer ordinary =
            new QueueConsumer(
                connector, wanted::get, new ConsumerProfile("cpu", 1, 0), () -> true, slow::add);
        QueueConsumer preferred =
            new QueueConsumer(
                connector,
                wanted::get,
                new ConsumerProfile("gpu", 1, 10),
                () -> true,
                taken::add)) {
      ordinary.start();
      await().atMost(LIMIT).until(ordinary::subscribed);
      preferred.start();
      await().atMost(LIMIT).until(preferred::subscribed);

      publish("training", "first");
      assertThat(next().body()).asString(StandardCharsets.UTF_8).isEqualTo("first");
      publish("training", "second");
      Delivery second = slow.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(second).as("the other one takes what the preferred one cannot").isNotNull();
    }
  }

  private QueueConsumer consumer() {
    return new QueueConsumer(
        connector,
        wanted::get,
        ConsumerProfile.of("test", 1),
        () -> !busy.get(),
        delivery -> {
          busy.set(true);
          taken.add(delivery);
        });
  }

  private Delivery next() throws InterruptedException {
    Delivery delivery = taken.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(delivery).as("a delivery").isNotNull();
    return java.util.Objects.requireNonNull(delivery);
  }

  private void publish(String route, String... bodies) throws InterruptedException {
    for (String body : bodies) {
      OutgoingMessage message =
          new OutgoingMessage(
              Topology.OPERATIONS_EXCHANGE,
              route,
              body,
              Map.of(),
              body.getBytes(StandardCharsets.UTF_8));
      assertThat(publisher.publish(List.of(message)))
          .containsExactly(new PublishOutcome.Confirmed());
    }
  }
}
