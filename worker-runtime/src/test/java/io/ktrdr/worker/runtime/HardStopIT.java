package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A handler that ignores every stop costs its process, and nothing else. */
final class HardStopIT {

  /** The broker counts its messages now and then; a busy one later. */
  private static final Duration STATISTICS_LIMIT = Duration.ofSeconds(60);

  private interface LetGo extends AutoCloseable {
    @Override
    void close();
  }

  @Test
  void outcomeIsStoredAndPublishedAndTheMessageSettledBeforeTheProcessEnds(@TempDir Path cache)
      throws Exception {
    Operations operations = new Operations();
    OperationId id = operations.pending();
    List<Object> steps = new CopyOnWriteArrayList<>();
    CountDownLatch letGo = new CountDownLatch(1);
    WorkerId workerId = new WorkerId("w1");
    MessageCodec codec = new MessageCodec();
    RunStore runs = new RunStore(operations.jdbi());
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ConfirmedPublisher publisher =
            new ConfirmedPublisher(new BrokerConnector(broker.amqpUrl(), "test"));
        EventSender sender =
            new EventSender(
                publisher, codec, OperationType.BACKTESTING, workerId, InstantSource.system());
        ExecutorService threads = Executors.newSingleThreadExecutor();
        // Closed before the threads are: else a failure here would wait for the handler for ever.
        LetGo _ = letGo::countDown) {
      sender.start();
      RunExecution execution =
          new RunExecution(
              new Deaf(letGo),
              runs,
              new ArtifactCache(
                  cache,
                  1 << 20,
                  new ApiClient(URI.create("http://127.0.0.1:1"), Optional.empty())),
              sender,
              new RunConclusion(runs, sender, codec, workerId, (_, _) -> {}),
              Duration.ofSeconds(30));
      Claim.Claimed claimed =
          (Claim.Claimed)
              new ClaimStore(
                      operations.jdbi(),
                      workerId,
                      UUID.randomUUID(),
                      "http://127.0.0.1:1",
                      Operations.SMALL)
                  .claim(id);
      Future<RunExecution.Settling> handler =
          threads.submit(
              () -> execution.run(claimed, RunTrace.NONE, () -> steps.add("acknowledged")));
      await().until(() -> execution.current() != null);
      RunControl run = execution.current();
      assertThat(run).isNotNull();
      if (run != null) {
        run.stop(StopReason.CANCELLED, "wrong dates");
        Stop stop = run.stopped();
        new RunWatch(
                execution::current,
                new HardStop(execution, () -> steps.add("takes no more"), steps::add))
            .check(run, (stop == null ? 0 : stop.atNanos()) + RunWatch.HARD_STOP_AFTER.toNanos());
      }
      assertThat(steps).containsExactly("takes no more", "acknowledged", 3);
      assertThat(operations.run(id, "outcome || ' ' || reason")).isEqualTo("cancelled wrong dates");
      await()
          .atMost(STATISTICS_LIMIT)
          .until(() -> broker.queue(Topology.PROJECTION_QUEUE).path("messages").asInt() >= 1);

      // In this test the process lives on, and the handler comes back to find all decided.
      letGo.countDown();
      assertThat(handler.get()).isEqualTo(RunExecution.Settling.LEAVE);
      assertThat(steps).hasSize(3);
    }
  }

  private record Deaf(CountDownLatch letGo) implements OperationHandler<OperationSpec.Backtest> {
    @Override
    public Class<OperationSpec.Backtest> specType() {
      return OperationSpec.Backtest.class;
    }

    @Override
    public OperationResult run(OperationSpec.Backtest spec, RunContext context) {
      while (letGo.getCount() > 0) {
        boolean _ = Thread.interrupted();
        LockSupport.parkNanos(1_000_000);
      }
      return new OperationResult(io.ktrdr.protocol.Json.mapper().createObjectNode(), List.of());
    }
  }
}
