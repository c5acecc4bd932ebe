package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.testkit.MetricsPage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's figures are those of the page, with their types and labels. */
final class WorkerMetricsTest {

  @TempDir private Path cache;

  @Test
  void thePageNamesEveryMetricItsTypeAndItsLabels() throws Exception {
    try (WorkerMetrics metrics = new WorkerMetrics();
        ConfirmedPublisher publisher =
            new ConfirmedPublisher(new BrokerConnector("amqp://nobody@127.0.0.1:1/", "test"))) {
      metrics.watch(
          new EventSender(
              publisher,
              new MessageCodec(),
              OperationType.BACKTESTING,
              new WorkerId("w1"),
              InstantSource.system()),
          new ArtifactCache(
              cache, 1, new ApiClient(URI.create("http://127.0.0.1:1"), Optional.empty())),
          publisher);
      metrics.runEnded("completed", Duration.ofSeconds(2));
      metrics.heartbeatMissed();
      assertThat(MetricsPage.scraped(metrics.scrape())).isEqualTo(MetricsPage.documented("Worker"));
      assertThat(metrics.scrape().lines())
          .contains(
              "ktrdr_worker_heartbeat_failures_total 1.0",
              "ktrdr_worker_outcome_waiting 0.0",
              "ktrdr_worker_broker_connected 0.0");
    }
  }
}
