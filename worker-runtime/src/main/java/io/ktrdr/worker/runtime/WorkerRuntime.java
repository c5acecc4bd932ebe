package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.ktrdr.protocol.DatabaseUrl;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.runtime.ApiClient.Registration;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker process: registers, subscribes to its type's queue and runs one operation at a time
 * until it is closed. Wires everything by hand.
 */
final class WorkerRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerRuntime.class);
  private static final int DATABASE_CONNECTIONS_MAX = 3;
  private static final Duration DATABASE_TIMEOUT = Duration.ofSeconds(5);
  private static final long BYTES_PER_GIB = 1L << 30;

  /** A run that ignores its stop for this long after the grace is abandoned with the process. */
  private static final Duration HAND_BACK_TIMEOUT = Duration.ofSeconds(10);

  private final WorkerConfig config;
  private final CountDownLatch closing;
  private final HikariDataSource database;
  private final ConfirmedPublisher publisher;
  private final RunExecution execution;
  private final OperationIntake intake;
  private final QueueConsumer consumer;
  private final HealthEndpoint health;
  private final HeartbeatLoop heartbeat;
  private final WorkerStore workers;

  /**
   * Registers and wires; takes nothing from the queue before {@link #start()}.
   *
   * @param closing counted down when the process is asked to end, also while this constructor still
   *     waits for the API
   */
  WorkerRuntime(WorkerConfig config, OperationHandler<?> handler, CountDownLatch closing)
      throws IOException, InterruptedException {
    this.config = config;
    this.closing = closing;
    UUID instanceId = UUID.randomUUID();
    Endpoint endpoint = Endpoint.of(config);
    ObjectNode capabilities = capabilities();
    String version = version();
    ApiClient api = new ApiClient(config.apiUrl());
    Registration registration =
        new Registrar(api, description(instanceId, endpoint.url(), capabilities, version), closing)
            .register();

    InstantSource clock = InstantSource.system();
    MessageCodec codec = new MessageCodec();
    database = open(config.databaseUrl().orElse(registration.databaseUrl()));
    Jdbi jdbi = Jdbi.create(database);
    RunStore runs = new RunStore(jdbi, config.workerId(), instanceId, endpoint.url());
    workers =
        new WorkerStore(
            jdbi,
            config.workerId(),
            instanceId,
            config.type(),
            endpoint.url(),
            capabilities,
            version);
    BrokerConnector broker =
        new BrokerConnector(
            config.rabbitmqUrl().orElse(registration.rabbitmqUrl()),
            "%s (%s)".formatted(config.workerId(), config.type().wireName()));
    publisher = new ConfirmedPublisher(broker);
    execution =
        new RunExecution(
            config.type(),
            config.workerId(),
            handler,
            runs,
            new ArtifactCache(config.cacheDirectory().resolve("artifacts"), api),
            publisher,
            codec,
            clock);
    intake =
        new OperationIntake(config.type(), runs, execution, publisher, codec, new OwnerProbe());
    consumer =
        new QueueConsumer(
            broker,
            Topology.queueOf(config.type()),
            config.workerId().value(),
            1,
            () -> !intake.busy(),
            intake::accept);
    health =
        new HealthEndpoint(
            endpoint.bindAddress(),
            config.port(),
            config.type(),
            config.workerId(),
            instanceId,
            execution,
            consumer::subscribed,
            clock);
    heartbeat = new HeartbeatLoop(workers, runs, execution, consumer::subscribed);
  }

  void start() {
    health.start();
    heartbeat.start();
    intake.start();
    consumer.start();
  }

  /**
   * Stops taking, lets the current operation finish within the grace, else hands it back; leaves
   * the registry. Returns when all is stopped.
   */
  @Override
  public void close() {
    closing.countDown();
    LOG.info("Worker {} stops: takes no more operations", config.workerId());
    consumer.stopTaking();
    if (!awaitIdle(config.stopGrace())) {
      LOG.warn(
          "The current operation is not finished after {} s; handing it back",
          config.stopGrace().toSeconds());
      execution.stop();
      boolean _ = awaitIdle(HAND_BACK_TIMEOUT);
    }
    intake.close();
    consumer.close();
    heartbeat.close();
    health.close();
    publisher.close();
    try {
      workers.deregister();
    } catch (JdbiException e) {
      LOG.warn("Not deregistered ({}); the registry will notice", e.getMessage());
    }
    database.close();
    LOG.info("Worker {} stopped", config.workerId());
  }

  private boolean awaitIdle(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (intake.busy()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  private ObjectNode description(
      UUID instanceId, String endpointUrl, ObjectNode capabilities, String version) {
    ObjectNode worker =
        Json.mapper()
            .createObjectNode()
            .put("worker_id", config.workerId().value())
            .put("worker_type", config.type().wireName())
            .put("endpoint_url", endpointUrl)
            .put("instance_id", instanceId.toString())
            .put("version", version);
    worker.set("capabilities", capabilities);
    return worker;
  }

  private static ObjectNode capabilities() {
    java.lang.management.OperatingSystemMXBean system =
        java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    long memory =
        system instanceof com.sun.management.OperatingSystemMXBean known
            ? known.getTotalMemorySize()
            : Runtime.getRuntime().maxMemory();
    return Json.mapper()
        .createObjectNode()
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("memory_gb", Math.round(memory * 100.0 / BYTES_PER_GIB) / 100.0)
        .put("gpu", false);
  }

  private static String version() {
    String version = WorkerRuntime.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static HikariDataSource open(String url) {
    DatabaseUrl address = DatabaseUrl.parse(url);
    HikariConfig hikari = new HikariConfig();
    hikari.setJdbcUrl(address.jdbcUrl());
    hikari.setUsername(address.user());
    hikari.setPassword(address.password());
    hikari.setMaximumPoolSize(DATABASE_CONNECTIONS_MAX);
    hikari.setConnectionTimeout(DATABASE_TIMEOUT.toMillis());
    hikari.setInitializationFailTimeout(-1);
    hikari.setPoolName("worker");
    return new HikariDataSource(hikari);
  }
}
