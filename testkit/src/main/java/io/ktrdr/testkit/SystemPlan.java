package io.ktrdr.testkit;

import java.util.HashMap;
import java.util.Map;

/**
 * What a {@link TestSystem} starts with.
 *
 * @param backtestWorkers the product's
 * @param trainingWorkers the product's
 * @param workerEnvironment variables every worker gets besides its own
 * @param apiEnvironment variables every API process gets besides its own
 * @param ownDatabase whether it has a Postgres of its own, which a test may kill
 * @param ownBroker whether it has a RabbitMQ of its own, which a test may kill
 * @param proxied whether the API reaches both through a {@link TcpProxy}; workers go directly
 */
public record SystemPlan(
    int backtestWorkers,
    int trainingWorkers,
    Map<String, String> workerEnvironment,
    Map<String, String> apiEnvironment,
    boolean ownDatabase,
    boolean ownBroker,
    boolean proxied) {

  /** Copies its maps. */
  public SystemPlan {
    workerEnvironment = Map.copyOf(workerEnvironment);
    apiEnvironment = Map.copyOf(apiEnvironment);
  }

  /** The API alone, on the servers all tests share. */
  public static SystemPlan apiOnly() {
    return new SystemPlan(0, 0, Map.of(), Map.of(), false, false, false);
  }

  /** With that many of the product's workers. */
  public SystemPlan withWorkers(int backtest, int training) {
    return new SystemPlan(
        backtest, training, workerEnvironment, apiEnvironment, ownDatabase, ownBroker, proxied);
  }

  /** With one more variable for every worker. */
  public SystemPlan withWorkerVariable(String name, String value) {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        plus(workerEnvironment, name, value),
        apiEnvironment,
        ownDatabase,
        ownBroker,
        proxied);
  }

  /** With one more variable for every API process. */
  public SystemPlan withApiVariable(String name, String value) {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        workerEnvironment,
        plus(apiEnvironment, name, value),
        ownDatabase,
        ownBroker,
        proxied);
  }

  /** With a Postgres of its own. */
  public SystemPlan withOwnDatabase() {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        workerEnvironment,
        apiEnvironment,
        true,
        ownBroker,
        proxied);
  }

  /** With a RabbitMQ of its own. */
  public SystemPlan withOwnBroker() {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        workerEnvironment,
        apiEnvironment,
        ownDatabase,
        true,
        proxied);
  }

  /** With proxies between the API and both servers. */
  public SystemPlan withProxies() {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        workerEnvironment,
        apiEnvironment,
        ownDatabase,
        ownBroker,
        true);
  }

  private static Map<String, String> plus(Map<String, String> map, String name, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(name, value);
    return more;
  }
}
