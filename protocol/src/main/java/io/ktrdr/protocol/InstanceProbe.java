package io.ktrdr.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.UUID;

/**
 * Asks a worker's health endpoint whether a certain process of that worker still exists.
 * Thread-safe.
 */
public final class InstanceProbe {

  /** How long one question may take. */
  public static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  /** What is known of the process. */
  public enum Answer {
    /** It answers itself. */
    ALIVE,
    /** For certain: the address refuses connections, or another instance answers there. */
    DEAD,
    /** A timeout, an unreachable address or any other doubt. */
    UNKNOWN
  }

  /** Within {@link #TIMEOUT}. */
  public Answer ask(String endpointUrl, UUID instance) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(endpointUrl + "/health")).timeout(TIMEOUT).build();
      JsonNode health =
          Json.mapper().readTree(http.send(request, BodyHandlers.ofByteArray()).body());
      String answering = health.path("instance_id").asText("");
      if (answering.isEmpty()) {
        return Answer.UNKNOWN;
      }
      return answering.equals(instance.toString()) ? Answer.ALIVE : Answer.DEAD;
    } catch (ConnectException e) {
      return refused(e) ? Answer.DEAD : Answer.UNKNOWN;
    } catch (IOException | IllegalArgumentException e) {
      return Answer.UNKNOWN;
    }
  }

  /** A refusal comes from a machine that is up; an unreachable one proves nothing. */
  private static boolean refused(ConnectException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof NoRouteToHostException
          || cause instanceof UnresolvedAddressException
          || String.valueOf(cause.getMessage()).contains("timed out")) {
        return false;
      }
    }
    return true;
  }
}
