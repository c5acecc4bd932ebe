package io.ktrdr.api;

import io.ktrdr.api.access.Tokens;
import io.ktrdr.api.artifact.ArtifactRoutes;
import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.api.audit.AuditRoutes;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.control.CancelOperation;
import io.ktrdr.api.control.ControlRoutes;
import io.ktrdr.api.control.RetryOperation;
import io.ktrdr.api.control.StrandedOperation;
import io.ktrdr.api.data.DataRoutes;
import io.ktrdr.api.data.FrozenData;
import io.ktrdr.api.db.Database;
import io.ktrdr.api.deadletter.DeadLetterRoutes;
import io.ktrdr.api.deadletter.DeadLetters;
import io.ktrdr.api.doctor.Doctor;
import io.ktrdr.api.doctor.DoctorRoutes;
import io.ktrdr.api.document.DocumentRoutes;
import io.ktrdr.api.explain.ExplainRoutes;
import io.ktrdr.api.explain.ExplainStore;
import io.ktrdr.api.feed.FeedRoutes;
import io.ktrdr.api.feed.FeedStore;
import io.ktrdr.api.feed.FeedWatch;
import io.ktrdr.api.fleet.AdminRoutes;
import io.ktrdr.api.fleet.FleetControls;
import io.ktrdr.api.fleet.FleetWatch;
import io.ktrdr.api.fleet.SubmitGate;
import io.ktrdr.api.health.HealthRoutes;
import io.ktrdr.api.health.HealthStore;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.idempotency.IdempotencyStore;
import io.ktrdr.api.metrics.HttpMetricsRoutes;
import io.ktrdr.api.metrics.Metrics;
import io.ktrdr.api.metrics.MetricsRoutes;
import io.ktrdr.api.model.ModelImport;
import io.ktrdr.api.model.ModelRoutes;
import io.ktrdr.api.model.ModelStore;
import io.ktrdr.api.model.ModelStrategies;
import io.ktrdr.api.operation.BacktestRequest;
import io.ktrdr.api.operation.JobRequest;
import io.ktrdr.api.operation.NextAttempt;
import io.ktrdr.api.operation.OperationRoutes;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.api.operation.OperationViewStore;
import io.ktrdr.api.operation.SubmitOperation;
import io.ktrdr.api.operation.SubmitRoutes;
import io.ktrdr.api.operation.TrainingRequest;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.api.projection.EventConsumer;
import io.ktrdr.api.projection.EventProjector;
import io.ktrdr.api.projection.RunViewStore;
import io.ktrdr.api.registry.FleetRoutes;
import io.ktrdr.api.registry.HealthMonitor;
import io.ktrdr.api.registry.WorkerRoutes;
import io.ktrdr.api.report.ReportStyle;
import io.ktrdr.api.rescue.CheckpointStore;
import io.ktrdr.api.rescue.CheckpointSweep;
import io.ktrdr.api.rescue.DispatchStore;
import io.ktrdr.api.rescue.QueueSweep;
import io.ktrdr.api.rescue.Reconcile;
import io.ktrdr.api.rescue.ReconcileRoutes;
import io.ktrdr.api.rescue.RescueStore;
import io.ktrdr.api.rescue.RunRescuer;
import io.ktrdr.api.rescue.RunSweep;
import io.ktrdr.api.rescue.UnroutableBox;
import io.ktrdr.api.result.CompareRoutes;
import io.ktrdr.api.result.ResultRoutes;
import io.ktrdr.api.result.ResultStore;
import io.ktrdr.api.strategy.LookaheadRoutes;
import io.ktrdr.api.strategy.StrategyFiles;
import io.ktrdr.api.strategy.StrategyRoutes;
import io.ktrdr.api.tracing.HttpTracingRoutes;
import io.ktrdr.api.tracing.OperationTracing;
import io.ktrdr.market.CsvImport;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.Telemetry;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * The API's composition root: database → broker → outbox → operations → projection → rescue → HTTP.
 * {@link #start()} in that order, HTTP last; {@link #close()} in reverse.
 */
final class ApiServer implements AutoCloseable {

  private final Telemetry telemetry;
  private final Database database;
  private final ConfirmedPublisher publisher;
  private final OutboxRelay relay;
  private final EventConsumer events;
  private final RunRescuer rescuer;
  private final HealthMonitor workerHealth;
  private final SubmitOperation submit;
  private final ModelImport modelImport;
  private final DataRoutes prices;
  private final ApiConfig config;
  private final FeedWatch feedWatch;
  private final Optional<Tokens> tokens;
  private final HttpServer http;

  /** As the other, not traced. */
  ApiServer(ApiConfig config, String version) {
    this(config, version, Telemetry.off());
  }

  /**
   * @param telemetry closed with this
   */
  ApiServer(ApiConfig config, String version, Telemetry telemetry) {
    this.config = config;
    this.telemetry = telemetry;
    tokens = config.access().tokensFile().map(Tokens::new);
    InstantSource clock = InstantSource.system();
    MessageCodec codec = new MessageCodec();
    database = Database.open(config.database());
    Jdbi jdbi = database.jdbi();
    Jdbi requests = database.requests();

    BrokerConnector broker =
        new BrokerConnector(
            config.rabbitmqUrl(), "api", new Topology(config.types().all()), config.trust());
    publisher = new ConfirmedPublisher(broker);
    OutboxStore outbox = new OutboxStore(codec);
    OperationTracing tracing = new OperationTracing(telemetry);
    relay = new OutboxRelay(jdbi, outbox, publisher, tracing);

    ArtifactStore artifacts = new ArtifactStore(jdbi);
    ModelStore models = new ModelStore();
    modelImport = new ModelImport(jdbi, models, artifacts);
    DataCatalogue catalogue = new DataCatalogue(config.dataDirectory());
    FrozenData data = new FrozenData(catalogue, artifacts);
    StrategyFiles strategies = new StrategyFiles(config.strategiesDirectory());
    Metrics metrics = new Metrics(requests, config.types(), config.health().unavailableAfter());
    OperationStore operations = new OperationStore(metrics.observer());
    OperationViewStore views = new OperationViewStore();
    IdempotencyStore keys = new IdempotencyStore();
    submit =
        new SubmitOperation(requests, operations, outbox, relay, keys, config.retries(), clock);
    NextAttempt nextAttempt =
        new NextAttempt(operations, outbox, config.retries(), new SecureRandom());

    RunViewStore runs = new RunViewStore();
    EventProjector projector = new EventProjector(operations, runs, artifacts, models, nextAttempt);
    events =
        new EventConsumer(jdbi, database::reachable, projector, codec, publisher, broker, tracing);
    StrandedOperation stranded = new StrandedOperation(operations, runs, projector, nextAttempt);
    AuditStore audit = new AuditStore();
    RetryOperation retry = new RetryOperation(requests, operations, runs, nextAttempt, audit);
    prices =
        new DataRoutes(
            catalogue,
            new CsvImport(config.dataDirectory(), catalogue, ArtifactRef.BYTES_MAX),
            requests,
            audit);
    RescueStore rescues = new RescueStore();
    DispatchStore dispatch = new DispatchStore();
    rescuer =
        new RunRescuer(
            jdbi,
            rescues,
            new RunSweep(jdbi, rescues, stranded, projector, outbox, relay, codec),
            new QueueSweep(
                jdbi,
                dispatch,
                outbox,
                relay,
                publisher,
                broker,
                new UnroutableBox(publisher),
                metrics::seen),
            new CheckpointSweep(jdbi, new CheckpointStore(), metrics::checkpointsRemoved),
            outbox,
            keys);
    metrics.watch(
        new Metrics.Standing(
            publisher::connected,
            () -> publisher.blockedReason().isPresent(),
            events::subscribed,
            rescuer::leads));

    DeadLetters deadLetters =
        new DeadLetters(jdbi, operations, audit, retry, relay, publisher, broker);
    workerHealth = new HealthMonitor(jdbi, config.health());
    FleetWatch fleet = new FleetWatch(requests, config.health().unavailableAfter());
    FeedStore feeds = new FeedStore(requests);
    feedWatch = new FeedWatch(feeds);
    http =
        new HttpServer(
            config.host(),
            config.port(),
            config.certificate(),
            tokens,
            config.access(),
            ReportStyle.POLICY_SOURCE,
            List.of(
                new HttpMetricsRoutes(metrics),
                new HttpTracingRoutes(telemetry),
                new HealthRoutes(
                    version,
                    new HealthRoutes.Parts(
                        database::reachable,
                        publisher::connected,
                        publisher::blockedReason,
                        events::subscribed,
                        fleet::draining,
                        rescuer::role),
                    new HealthStore(requests)),
                new SubmitRoutes(
                    new BacktestRequest(
                        requests,
                        models,
                        modelImport,
                        new ModelStrategies(artifacts),
                        strategies,
                        data,
                        clock,
                        config.limits(),
                        version),
                    new TrainingRequest(strategies, data, clock, config.limits(), version),
                    new JobRequest(config.types(), config.limits()),
                    submit,
                    new SubmitGate(fleet, config.whenNoWorkers(), broker.topology()),
                    publisher),
                new OperationRoutes(requests, views),
                new ResultRoutes(new ResultStore(requests)),
                new CompareRoutes(new ResultStore(requests)),
                new ExplainRoutes(new ExplainStore(requests, views)),
                new FeedRoutes(feeds, feedWatch),
                new ControlRoutes(
                    requests,
                    new CancelOperation(requests, operations, runs, projector, audit, codec),
                    retry,
                    views,
                    relay),
                new FleetRoutes(requests, config.types(), config.health()),
                new WorkerRoutes(
                    requests,
                    audit,
                    config.types(),
                    config.health(),
                    config.advertisedRabbitmqUrl(),
                    config.advertisedDatabaseUrl()),
                new AdminRoutes(
                    requests, config.types(), new FleetControls(requests, audit, fleet)),
                new AuditRoutes(requests, audit),
                new MetricsRoutes(metrics),
                new DeadLetterRoutes(deadLetters),
                new ReconcileRoutes(
                    new Reconcile(jdbi, dispatch, outbox, relay, audit, broker, codec)),
                new DoctorRoutes(
                    new Doctor(database, outbox, publisher, broker, clock, deadLetters::strangers)),
                new ModelRoutes(requests, models, modelImport),
                new StrategyRoutes(strategies),
                new LookaheadRoutes(strategies, catalogue),
                prices,
                new ArtifactRoutes(artifacts),
                new DocumentRoutes()));
  }

  /** Every route, and whom it serves. */
  List<RouteTable.Route> routes() {
    return http.routes();
  }

  void start() {
    tokens.ifPresent(Tokens::start);
    relay.start();
    events.start();
    rescuer.start();
    workerHealth.start();
    modelImport.importFrom(config.modelsDirectory());
    prices.recoverImports();
    feedWatch.start();
    submit.start();
    http.start();
  }

  @Override
  public void close() {
    feedWatch.close();
    http.close();
    tokens.ifPresent(Tokens::close);
    submit.close();
    workerHealth.close();
    rescuer.close();
    events.close();
    relay.close();
    publisher.close();
    database.close();
    telemetry.close();
  }
}
