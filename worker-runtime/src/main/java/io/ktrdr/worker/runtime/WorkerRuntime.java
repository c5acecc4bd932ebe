package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.zaxxer.hikari.HikariDataSource;
import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.runtime.ApiClient.Registration;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: registers, subscribes to its type's queue and runs one operation at a time until it
 * is closed. Wires everything by hand. Normally the only one of its process; several may share one,
 * each with an id and a port of its own.
 */
public final class WorkerRuntime implements AutoCloseable {

  /** Exit code of a process that ended because a handler ignored its stop. */
  public static final int EXIT_HARD_STOP = 3;

  private static final Logger LOG = LoggerFactory.getLogger(WorkerRuntime.class);

  /**
   * Time for an operation that must be handed back: the interrupt, its checkpoint and {@link
   * RunConclusion#RELEASE_LIMIT}.
   */
  private static final Duration HAND_BACK_TIMEOUT = Duration.ofSeconds(25);

  private static final Duration IDLE_CHECK_INTERVAL = Duration.ofMillis(20);

  /** Exit code of a process whose worker id belongs to another process now. */
  static final int EXIT_SUPERSEDED = 1;

  /** What traces call this process, unless told otherwise. */
  static final String TELEMETRY_NAME = "ktrdr-worker";

  private static final Duration DEREGISTER_LIMIT = Duration.ofSeconds(5);

  private final WorkerConfig config;
  private final Telemetry telemetry;
  private final CountDownLatch closing;
  private final HikariDataSource database;
  private final ConfirmedPublisher publisher;
  private final EventSender sender;
  private final RunExecution execution;
  private final OperationIntake intake;
  private final WantedQueues wanted;
  private final QueueConsumer consumer;
  private final WorkerMetrics metrics;
  private final HealthEndpoint health;
  private final HeartbeatLoop heartbeat;
  private final RunWatch watch;
  private final WorkerStore workers;
  private final StandingOrders orders;
  private final ReentrantLock closeLock = new ReentrantLock();
  private boolean closed;
  private volatile boolean drained;
  private volatile int exitCode;

  /**
   * Starts a worker with the settings {@link WorkerMain} takes from the environment. Returns when
   * it has registered and begins to subscribe. A handler that ignores its stop ends this process.
   *
   * @throws IllegalArgumentException when a setting is missing or wrong
   * @throws IllegalStateException when the API refuses the worker
   * @throws IOException when the port is taken
   * @throws InterruptedException when interrupted while the API is away
   */
  public static WorkerRuntime start(
      OperationType type, Map<String, String> settings, OperationHandler<?> handler)
      throws IOException, InterruptedException {
    WorkerRuntime worker =
        new WorkerRuntime(
            WorkerConfig.fromEnvironment(type, settings),
            Telemetry.of(new Settings(settings), TELEMETRY_NAME),
            handler,
            new CountDownLatch(1),
            Runtime.getRuntime()::halt);
    worker.start();
    return worker;
  }

  /**
   * Registers and wires; takes nothing from the queue before {@link #start()}.
   *
   * @param telemetry closed with this
   * @param closing counted down when the process is asked to end, also while this constructor still
   *     waits for the API
   * @param exit ends the process at once
   */
  WorkerRuntime(
      WorkerConfig config,
      Telemetry telemetry,
      OperationHandler<?> handler,
      CountDownLatch closing,
      IntConsumer exit)
      throws IOException, InterruptedException {
    this.config = config;
    this.telemetry = telemetry;
    this.closing = closing;
    UUID instanceId = UUID.randomUUID();
    InstantSource clock = Clock.offset(Clock.systemUTC(), config.clockOffset());
    Endpoint endpoint = new Endpoint(config);
    metrics = new WorkerMetrics();
    health = new HealthEndpoint(endpoint.bindAddress(), config, instanceId, metrics, clock);
    health.start();
    Capabilities capabilities = config.capabilities();
    String version = version();
    ApiClient api = new ApiClient(config.apiUrl(), config.apiToken(), config.trust());
    Registration registration =
        register(
            new Registrar(
                api,
                config,
                () -> description(instanceId, endpoint.url(health.port()), capabilities, version),
                closing));
    String endpointUrl = endpoint.url(health.port());

    MessageCodec codec = new MessageCodec();
    database =
        WorkerDatabase.open(
            config.databaseUrl().orElse(registration.databaseUrl()),
            config.trust(),
            config.workerId().value());
    Jdbi jdbi = Jdbi.create(database);
    RunStore runs = new RunStore(jdbi);
    workers =
        new WorkerStore(
            jdbi,
            config.workerId(),
            instanceId,
            config.type(),
            endpointUrl,
            capabilities.json(),
            version);
    BrokerConnector broker =
        new BrokerConnector(
            config.rabbitmqUrl().orElse(registration.rabbitmqUrl()),
            "%s (%s)".formatted(config.workerId(), config.type().wireName()),
            new Topology(List.of(config.type()), Topology.Declared.WHEN_MISSING),
            config.trust());
    publisher = new ConfirmedPublisher(broker);
    sender = new EventSender(publisher, codec, config.type(), config.workerId(), clock);
    ArtifactCache artifacts =
        new ArtifactCache(
            config.cacheDirectory().resolve("artifacts"), config.cacheBytesMax(), api);
    execution =
        new RunExecution(
            handler,
            runs,
            artifacts,
            sender,
            new RunConclusion(runs, sender, codec, config.workerId(), metrics::runEnded),
            config.checkpointInterval());
    intake =
        new OperationIntake(
            config.type(),
            new ClaimStore(jdbi, config.workerId(), instanceId, endpointUrl, capabilities),
            execution,
            sender,
            publisher,
            codec,
            new OwnerProbe(api),
            new RunTracing(telemetry, new RunTraceStore(jdbi), config.workerId()));
    wanted = new WantedQueues(config.type(), capabilities, broker.topology());
    consumer =
        new QueueConsumer(
            broker,
            wanted,
            new ConsumerProfile(config.workerId().value(), 1, wanted.priority()),
            () -> !intake.busy(),
            intake::accept);
    health.watch(execution, consumer::subscribed);
    metrics.watch(execution, consumer::subscribed);
    metrics.watch(sender, artifacts, publisher);
    orders =
        new StandingOrders(order -> wanted.obey(order.paused(), order.demandQueues()), this::leave);
    heartbeat =
        new HeartbeatLoop(
            workers,
            runs,
            execution,
            this::taking,
            answer -> {
              metrics.heartbeatWritten();
              orders.accept(answer);
            },
            metrics::heartbeatMissed);
    watch =
        new RunWatch(
            execution::current,
            new HardStop(
                execution,
                () -> {
                  consumer.stopTaking();
                  intake.stopTaking();
                },
                exit));
  }

  private Registration register(Registrar registrar) throws InterruptedException {
    try {
      return registrar.register();
    } catch (IllegalStateException | InterruptedException e) {
      health.close();
      metrics.close();
      throw e;
    }
  }

  /** Where {@code /health} answers. */
  int port() {
    return health.port();
  }

  void start() {
    heartbeat.start();
    sender.start();
    watch.start();
    intake.start();
    consumer.start();
  }

  private HeartbeatLoop.Taking taking() {
    boolean leaving = orders.leaving() || closing.getCount() == 0;
    return new HeartbeatLoop.Taking(
        consumer.subscribed() && !leaving,
        leaving ? List.of() : consumer.subscribedQueues(),
        leaving);
  }

  /** Of a process that ends with this worker, once it is closed. */
  int exitCode() {
    return exitCode;
  }

  /** Not on the heartbeat's thread: that one has to go on while an operation finishes. */
  private void leave(Orders order) {
    Thread.ofPlatform()
        .name("leave")
        .daemon()
        .start(() -> {
          consumer.stopTaking();
          intake.stopTaking();
          order.supersededBy().ifPresentOrElse(this::endSuperseded, this::endDrained);
        });
  }

  private void endSuperseded(String other) {
    LOG.error(
        "Worker id {} belongs to another process now: {}. This one ends; give it another WORKER_ID",
        config.workerId(),
        other);
    exitCode = EXIT_SUPERSEDED;
    close();
  }

  private void endDrained() {
    LOG.info("Worker {} drains: finishes what it has and takes no more", config.workerId());
    try {
      while (intake.busy()) {
        if (closing.await(IDLE_CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    drained = true;
    close();
  }

  /**
   * Stops taking, lets the current operation finish within the grace, else has it take a checkpoint
   * and hands it back; leaves the registry. Returns when all is stopped, whoever asked first.
   */
  @Override
  public void close() {
    closeLock.lock();
    try {
      if (!closed) {
        closed = true;
        stop();
      }
    } finally {
      closeLock.unlock();
      closing.countDown();
    }
  }

  private void stop() {
    closing.countDown();
    LOG.info("Worker {} stops: takes no more operations", config.workerId());
    consumer.stopTaking();
    intake.stopTaking();
    if (!awaitIdle(config.stopGrace())) {
      LOG.warn(
          "The current operation is not finished after {} s; handing it back",
          config.stopGrace().toSeconds());
      execution.stop();
      if (!awaitIdle(HAND_BACK_TIMEOUT)) {
        execution.abandon();
      }
    }
    intake.close();
    watch.close();
    consumer.close();
    heartbeat.close();
    health.close();
    metrics.close();
    sender.close();
    publisher.close();
    if (!DatabaseRetry.within(DEREGISTER_LIMIT, "leaving the registry", workers::deregister)) {
      LOG.warn("Not deregistered; the registry will notice");
    }
    database.close();
    telemetry.close();
    LOG.info(
        drained ? "Worker {} drained: it finished what it had and left" : "Worker {} stopped",
        config.workerId());
  }

  private boolean awaitIdle(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (intake.busy()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(IDLE_CHECK_INTERVAL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  private ObjectNode description(
      UUID instanceId, String endpointUrl, Capabilities capabilities, String version) {
    ObjectNode worker =
        Json.mapper()
            .createObjectNode()
            .put("worker_id", config.workerId().value())
            .put("worker_type", config.type().wireName())
            .put("endpoint_url", endpointUrl)
            .put("instance_id", instanceId.toString())
            .put("version", version);
    worker.set("capabilities", capabilities.json());
    return worker;
  }

  private static String version() {
    String version = WorkerRuntime.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
