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
 * @param address where other hosts reach the API, and Postgres and RabbitMQ through a {@link
 *     TcpProxy} each; loopback for a system on one host
 */
public record SystemPlan(
    int backtestWorkers,
    int trainingWorkers,
    Map<String, String> workerEnvironment,
    Map<String, String> apiEnvironment,
    boolean ownDatabase,
    boolean ownBroker,
    boolean proxied,
    String address) {

  static final String LOOPBACK = "127.0.0.1";

  /** Copies its maps. */
  public SystemPlan {
    workerEnvironment = Map.copyOf(workerEnvironment);
    apiEnvironment = Map.copyOf(apiEnvironment);
  }

  /** The API alone, on the servers all tests share. */
  public static SystemPlan apiOnly() {
    return new SystemPlan(0, 0, Map.of(), Map.of(), false, false, false, LOOPBACK);
  }

  /** With that many of the product's workers. */
  public SystemPlan withWorkers(int backtest, int training) {
    return new SystemPlan(
        backtest,
        training,
        workerEnvironment,
        apiEnvironment,
        ownDatabase,
        ownBroker,
        proxied,
        address);
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
        proxied,
        address);
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
        proxied,
        address);
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
        proxied,
        address);
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
        proxied,
        address);
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
        true,
        address);
  }

  /**
   * For workers on other hosts: the API listens on all addresses and advertises both servers, which
   * stay on loopback, through the system's proxies.
   *
   * @param ownAddress literal, of this host
   */
  public SystemPlan withAddress(String ownAddress) {
    return new SystemPlan(
        backtestWorkers,
        trainingWorkers,
        workerEnvironment,
        apiEnvironment,
        ownDatabase,
        ownBroker,
        proxied,
        ownAddress);
  }

  boolean reachedByOtherHosts() {
    return !address.equals(LOOPBACK);
  }

  private static Map<String, String> plus(Map<String, String> map, String name, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(name, value);
    return more;
  }
}
