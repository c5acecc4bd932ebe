package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.TestVirtualHost;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;

/** Writes and sends what a training worker would, one step at a time. */
final class WorkerByHand implements AutoCloseable {

  private final MessageCodec codec = new MessageCodec();
  private final Jdbi jdbi;
  private final BrokerConnector connector;
  private final ConfirmedPublisher publisher;

  WorkerByHand(Jdbi jdbi, TestVirtualHost broker) {
    this.jdbi = jdbi;
    this.connector = new BrokerConnector(broker.amqpUrl(), "hand");
    this.publisher = new ConfirmedPublisher(connector);
  }

  /** A run it has claimed. */
  record Run(OperationId operation, RunId id, int attempt) {

    EventHeader header(long seq) {
      return new EventHeader(
          UUID.randomUUID(),
          operation,
          OperationType.TRAINING,
          attempt,
          id,
          seq,
          new WorkerId("hand"),
          Instant.now());
    }
  }

  Run claim(OperationId operation, int attempt) {
    RunId run = RunId.create();
    jdbi.useHandle(handle ->
        handle.execute(
            """
            insert into runs
              (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url)
            values (?, ?, ?, 'hand', gen_random_uuid(), 'http://127.0.0.1:1')
            """,
            run.value(),
            operation.value(),
            attempt));
    return new Run(operation, run, attempt);
  }

  /** Stores how the run ended, as a worker does before it says so. */
  OperationEvent end(
      Run run, String outcome, long seq, Function<EventHeader, OperationEvent> event) {
    OperationEvent end = event.apply(run.header(seq));
    jdbi.useHandle(handle ->
        handle.execute(
            "update runs set ended_at = now(), outcome = ?, end_event = ?::jsonb where run_id = ?",
            outcome,
            new String(codec.encode(end), StandardCharsets.UTF_8),
            run.id().value()));
    return end;
  }

  void send(OperationEvent event) throws InterruptedException {
    List<PublishOutcome> outcomes =
        publisher.publish(
            List.of(
                new OutgoingMessage(
                    Topology.EVENTS_EXCHANGE,
                    MessageCodec.typeOf(event),
                    "test",
                    Map.of(),
                    codec.encode(event))));
    assertThat(outcomes).containsExactly(new PublishOutcome.Confirmed());
  }

  static OperationEvent completed(EventHeader header) {
    return new OperationEvent.Completed(
        header, Json.mapper().createObjectNode().put("answer", 7), List.of());
  }

  /** Messages of a queue that nobody has in hand; none when there is no such queue. */
  int ready(String queue) {
    try (BrokerSession session = BrokerSession.open(connector, "hand")) {
      return session.queue(queue).ready();
    }
  }

  @Override
  public void close() {
    publisher.close();
  }
}
