package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.worker.runtime.ApiClient.RefusedException;
import io.ktrdr.worker.runtime.ApiClient.Registration;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers with the API: a few quick tries, then patiently for ever. */
final class Registrar {

  private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);
  private static final int QUICK_TRIES = 5;
  private static final Duration QUICK_WAIT_FIRST = Duration.ofMillis(500);
  private static final Duration PATIENT_WAIT = Duration.ofSeconds(30);
  private static final int HTTP_UNPROCESSABLE = 422;

  private final ApiClient api;
  private final ObjectNode worker;
  private final CountDownLatch closing;

  Registrar(ApiClient api, ObjectNode worker, CountDownLatch closing) {
    this.api = api;
    this.worker = worker;
    this.closing = closing;
  }

  /**
   * Returns once the API has accepted this worker.
   *
   * @throws IllegalStateException when the API says it never will
   * @throws InterruptedException when the worker is closing
   */
  Registration register() throws InterruptedException {
    String id = worker.path("worker_id").asText();
    Duration wait = QUICK_WAIT_FIRST;
    for (int attempt = 1; ; attempt++) {
      try {
        Registration registration = api.register(worker);
        LOG.info("✅ Worker registered successfully: {} (attempt {})", id, attempt);
        return registration;
      } catch (RefusedException e) {
        if (e.status() == HTTP_UNPROCESSABLE) {
          throw new IllegalStateException("The API refuses this worker: " + e.getMessage(), e);
        }
        LOG.warn("Registration attempt {} failed: {}", attempt, e.getMessage());
      } catch (IOException e) {
        LOG.warn("Registration attempt {} failed: {}", attempt, reasonOf(e));
      }
      if (attempt == QUICK_TRIES) {
        LOG.error("Failed to register worker {} after {} attempts", id, QUICK_TRIES);
        LOG.error(
            "❌ Failed to register with backend; trying again every {} s", PATIENT_WAIT.toSeconds());
      }
      wait = attempt < QUICK_TRIES ? wait.multipliedBy(2) : PATIENT_WAIT;
      if (closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new InterruptedException("closing");
      }
    }
  }

  private static String reasonOf(IOException e) {
    // The JDK's client leaves the message of a refused connection empty.
    String message = e.getMessage();
    return e instanceof java.net.ConnectException && message == null
        ? "Connection refused"
        : String.valueOf(message);
  }
}
