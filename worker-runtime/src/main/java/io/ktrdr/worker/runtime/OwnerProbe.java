package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a worker's health endpoint whether the process that claimed a run still exists. */
final class OwnerProbe {

  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(OwnerProbe.class);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  /**
   * True only for certain death: the address refuses connections, or another instance answers
   * there. A timeout or any other doubt is not death.
   */
  boolean isDead(String endpointUrl, String instanceId) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(endpointUrl + "/health")).timeout(TIMEOUT).build();
      JsonNode health =
          Json.mapper().readTree(http.send(request, BodyHandlers.ofByteArray()).body());
      String answering = health.path("instance_id").asText("");
      return !answering.isEmpty() && !answering.equals(instanceId);
    } catch (ConnectException e) {
      return refused(e);
    } catch (IOException | IllegalArgumentException e) {
      LOG.debug("Probe of {} says nothing: {}", endpointUrl, e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A refusal comes from a machine that is up; an unreachable one proves nothing. */
  private static boolean refused(ConnectException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.net.NoRouteToHostException
          || cause instanceof java.nio.channels.UnresolvedAddressException
          || String.valueOf(cause.getMessage()).contains("timed out")) {
        return false;
      }
    }
    return true;
  }
}
