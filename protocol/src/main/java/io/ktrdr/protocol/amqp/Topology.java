package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.OperationType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every exchange, queue and binding, declared in one place. Declaring is idempotent and valid on
 * RabbitMQ 3.10 to 4.x, so the API does it whenever it connects and every few seconds, and workers
 * when they find something missing: a queue deleted by hand comes back.
 *
 * <ul>
 *   <li>{@code operations} (direct) → {@code operations.<type>}: one queue a type, for workers, and
 *       one more for each {@link Demand} that was ever made
 *   <li>{@code operation-events} (topic) → {@code operation-events.projection}: for the API
 *   <li>{@code operations.dead-letters} (direct) → {@code <queue>.dead}: what could not be handled,
 *       kept until somebody looks
 *   <li>{@code operations.unroutable} (fanout, alternate exchange): must stay empty
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class Topology {

  /** Commands; the routing key is {@link Demand#routeOf}, called a route here. */
  public static final String OPERATIONS_EXCHANGE = "operations";

  /** Events; the routing key is the event's type. */
  public static final String EVENTS_EXCHANGE = "operation-events";

  /** Dead letters; the routing key is the name of the queue they come from. */
  public static final String DEAD_LETTER_EXCHANGE = "operations.dead-letters";

  /** Alternate exchange and its queue. */
  public static final String UNROUTABLE = "operations.unroutable";

  /** Events in order, read by one API at a time. */
  public static final String PROJECTION_QUEUE = "operation-events.projection";

  /**
   * Deliveries of one message before the broker gives up on it. Only a safety net: attempts are
   * counted in Postgres. Set explicitly because the broker's default differs by version.
   */
  public static final int DELIVERY_LIMIT = 20;

  /**
   * The same for queues in which messages only wait to be looked at. Looking is taking and putting
   * back, which counts; from RabbitMQ 4.0 on, no limit means 20, and the letter would be dropped.
   */
  public static final int PARKED_DELIVERY_LIMIT = 1_000_000_000;

  /**
   * How long a worker may hold a delivery: longer than any run may take. Part of every work queue,
   * where RabbitMQ heeds it from 3.12 on; older ones go by {@code consumer_timeout} in their
   * configuration.
   */
  public static final Duration HELD_MAX = Duration.ofDays(8);

  /** Each is two queues; more than these are nobody's different machines. */
  public static final int ROUTES_MAX = 200;

  private static final Pattern ROUTE =
      Pattern.compile("([a-z][a-z0-9_]*)(\\.gpu)?(\\.cores\\d+)?(\\.mem\\d+)?");

  private static final List<String> EXCHANGES =
      List.of(OPERATIONS_EXCHANGE, EVENTS_EXCHANGE, DEAD_LETTER_EXCHANGE, UNROUTABLE);

  private static final Logger LOG = LoggerFactory.getLogger(Topology.class);

  private final Set<OperationType> types;
  private final Declared declared;
  private final Set<String> routes = new ConcurrentSkipListSet<>();

  /** When a process declares. */
  public enum Declared {
    /** Whenever it connects. */
    ALWAYS,
    /**
     * Only when something is missing, and if its user may: looking needs no permission. For those
     * who merely use the queues.
     */
    WHEN_MISSING
  }

  /** As the other, declared always. */
  public Topology(Collection<OperationType> types) {
    this(types, Declared.ALWAYS);
  }

  /**
   * @param types whose queues there are; trainings also have one for those that require a GPU
   */
  public Topology(Collection<OperationType> types, Declared declared) {
    this.types = Set.copyOf(types);
    this.declared = declared;
    types.forEach(type -> routes.add(type.wireName()));
    if (this.types.contains(OperationType.TRAINING)) {
      routes.add(new Demand(true, 0, 0).routeOf(OperationType.TRAINING));
    }
  }

  /**
   * Makes a route known, so that its queue is declared from now on.
   *
   * @return false when it was known, or is none of our types'
   */
  public boolean add(String route) {
    return isRoute(route) && routes.add(route);
  }

  /**
   * As {@link #add}, for what users ask for: only while there are not too many routes.
   *
   * @return false when it is new and there is no room for it
   */
  public boolean addIfRoom(String route) {
    if (!routes.contains(route) && routes.size() >= ROUTES_MAX) {
      return false;
    }
    boolean _ = add(route);
    return true;
  }

  /** True for a route of a type we know, whether or not anything was ever sent there. */
  public boolean isRoute(String text) {
    Matcher parts = ROUTE.matcher(text);
    return parts.matches() && types.contains(OperationType.parse(parts.group(1)));
  }

  /** All routes to workers that are known by now, sorted. */
  public List<String> routes() {
    return List.copyOf(routes);
  }

  /** The queue of a type's operations without a demand, e.g. {@code operations.backtesting}. */
  public static String queueOf(OperationType type) {
    return queueOf(type.wireName());
  }

  /** The queue of a route. */
  public static String queueOf(String route) {
    return OPERATIONS_EXCHANGE + "." + route;
  }

  /** Where the dead letters of a queue are kept, e.g. {@code operations.backtesting.dead}. */
  public static String deadLetterQueueOf(String queue) {
    return queue + ".dead";
  }

  /** Queues whose messages somebody handles: one a route, and the events. */
  public List<String> workQueues() {
    return workQueues(routes());
  }

  private static List<String> workQueues(List<String> routes) {
    List<String> queues = new ArrayList<>();
    routes.forEach(route -> queues.add(queueOf(route)));
    queues.add(PROJECTION_QUEUE);
    return List.copyOf(queues);
  }

  /** Every queue's name. */
  public List<String> allQueues() {
    return List.copyOf(queues().keySet());
  }

  /** Every queue with the arguments it is declared with. */
  Map<String, Map<String, Object>> queues() {
    return queues(workQueues());
  }

  private static Map<String, Map<String, Object>> queues(List<String> workQueues) {
    Map<String, Map<String, Object>> queues = new LinkedHashMap<>();
    queues.put(UNROUTABLE, parking());
    for (String queue : workQueues) {
      queues.put(deadLetterQueueOf(queue), parking());
      queues.put(queue, working(queue));
    }
    return queues;
  }

  /**
   * Sees to it that everything is there, as far as this process may: a queue that is missing and
   * may not be declared is brought back by the API.
   *
   * @param channel of the connection to do it over; stays open
   */
  void ensure(Channel channel) throws IOException {
    if (declared == Declared.ALWAYS) {
      declare(channel);
      return;
    }
    Connection connection = channel.getConnection();
    if (isThere(connection)) {
      return;
    }
    Channel declaring = connection.createChannel();
    try {
      declare(declaring);
    } catch (IOException e) {
      if (BrokerSession.replyCode(e) != AMQP.ACCESS_REFUSED) {
        throw e;
      }
      LOG.warn("A queue or an exchange is missing, and only the API's user may declare it");
    } finally {
      declaring.abort();
    }
  }

  /** Asked on a channel of its own, which the answer no closes. */
  private boolean isThere(Connection connection) throws IOException {
    Channel asking = connection.createChannel();
    try {
      for (String exchange : EXCHANGES) {
        asking.exchangeDeclarePassive(exchange);
      }
      for (String queue : queues().keySet()) {
        asking.queueDeclarePassive(queue);
      }
      return true;
    } catch (IOException e) {
      if (BrokerSession.replyCode(e) != AMQP.NOT_FOUND) {
        throw e;
      }
      return false;
    } finally {
      asking.abort();
    }
  }

  /** Declares everything that is not there yet. */
  void declare(Channel channel) throws IOException {
    channel.exchangeDeclare(UNROUTABLE, BuiltinExchangeType.FANOUT, true);
    Map<String, Object> withAlternate = Map.of("alternate-exchange", UNROUTABLE);
    channel.exchangeDeclare(DEAD_LETTER_EXCHANGE, BuiltinExchangeType.DIRECT, true);
    channel.exchangeDeclare(
        OPERATIONS_EXCHANGE, BuiltinExchangeType.DIRECT, true, false, withAlternate);
    channel.exchangeDeclare(EVENTS_EXCHANGE, BuiltinExchangeType.TOPIC, true, false, withAlternate);

    // A route that comes meanwhile is for the next time: its queue would be bound before it is
    // there.
    List<String> known = routes();
    List<String> workQueues = workQueues(known);
    for (Map.Entry<String, Map<String, Object>> queue : queues(workQueues).entrySet()) {
      channel.queueDeclare(queue.getKey(), true, false, false, queue.getValue());
    }
    channel.queueBind(UNROUTABLE, UNROUTABLE, "");
    for (String queue : workQueues) {
      channel.queueBind(deadLetterQueueOf(queue), DEAD_LETTER_EXCHANGE, queue);
    }
    for (String route : known) {
      channel.queueBind(queueOf(route), OPERATIONS_EXCHANGE, route);
    }
    channel.queueBind(PROJECTION_QUEUE, EVENTS_EXCHANGE, "#");
  }

  private static Map<String, Object> working(String queue) {
    Map<String, Object> arguments = quorum(DELIVERY_LIMIT);
    arguments.put("x-dead-letter-exchange", DEAD_LETTER_EXCHANGE);
    arguments.put("x-dead-letter-routing-key", queue);
    // At-least-once dead lettering: without it a letter can be lost on its way.
    arguments.put("x-dead-letter-strategy", "at-least-once");
    arguments.put("x-overflow", "reject-publish");
    arguments.put("x-consumer-timeout", HELD_MAX.toMillis());
    if (queue.equals(PROJECTION_QUEUE)) {
      arguments.put("x-single-active-consumer", true);
    }
    return arguments;
  }

  private static Map<String, Object> parking() {
    return quorum(PARKED_DELIVERY_LIMIT);
  }

  private static Map<String, Object> quorum(int deliveryLimit) {
    return new HashMap<>(Map.of("x-queue-type", "quorum", "x-delivery-limit", deliveryLimit));
  }
}
