package io.ktrdr.testkit;

import io.ktrdr.standalone.DatabaseAccess;
import java.util.Map;

/**
 * Servers for a {@link TestSystem} that the test has made by itself, and closes by itself.
 *
 * @param database its owner's log-in
 * @param broker with the log-in of somebody who may do everything there
 * @param apiEnvironment what the API is told of them when it is something else, such as {@code
 *     RABBITMQ_URL} with another user
 */
public record GivenServers(
    DatabaseAccess database, TestVirtualHost broker, Map<String, String> apiEnvironment) {

  /** Copies its map. */
  public GivenServers {
    apiEnvironment = Map.copyOf(apiEnvironment);
  }
}
