package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.tls.Trust;
import io.ktrdr.worker.runtime.ApiClient.RefusedException;
import io.ktrdr.worker.runtime.ApiClient.Registration;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers with the API: a few quick tries, then patiently for ever. */
final class Registrar {

  private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);
  private static final int QUICK_TRIES = 5;
  private static final Duration QUICK_WAIT_FIRST = Duration.ofMillis(500);
  private static final Duration PATIENT_WAIT = Duration.ofSeconds(30);
  private static final int HTTP_UNAUTHORIZED = 401;
  private static final int HTTP_FORBIDDEN = 403;
  private static final int HTTP_UNPROCESSABLE = 422;

  /** Another process that lives has this id. */
  private static final String ID_IN_USE = "WORKER_ID_IN_USE";

  private final ApiClient api;
  private final WorkerConfig config;
  private final Supplier<ObjectNode> worker;
  private final CountDownLatch closing;

  /**
   * @param worker what to tell the API, asked for with each try
   */
  Registrar(
      ApiClient api, WorkerConfig config, Supplier<ObjectNode> worker, CountDownLatch closing) {
    this.api = api;
    this.config = config;
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
    Duration wait = QUICK_WAIT_FIRST;
    for (int attempt = 1; ; attempt++) {
      Duration asked = null;
      try {
        Registration registration = api.register(worker.get());
        LOG.info("✅ Worker registered successfully: {} (attempt {})", config.workerId(), attempt);
        if (config.rabbitmqUrl().isEmpty()) {
          adviceOn("KTRDR_ADVERTISED_RABBITMQ_URL", config.apiUrl(), registration.rabbitmqUrl())
              .ifPresent(LOG::warn);
        }
        if (config.databaseUrl().isEmpty()) {
          adviceOn("KTRDR_ADVERTISED_DATABASE_URL", config.apiUrl(), registration.databaseUrl())
              .ifPresent(LOG::warn);
        }
        return registration;
      } catch (RefusedException e) {
        if (e.status() == HTTP_UNPROCESSABLE || e.code().equals(ID_IN_USE)) {
          throw new IllegalStateException("The API refuses this worker: " + e.getMessage(), e);
        }
        asked = e.retryAfter();
        LOG.warn("Registration attempt {} failed: {}{}", attempt, e.getMessage(), adviceOn(e));
      } catch (IOException e) {
        LOG.warn(
            "Registration attempt {} failed: {} ({})",
            attempt,
            reasonOf(e, config.apiUrl()),
            config.apiUrl());
      }
      if (attempt == QUICK_TRIES) {
        LOG.error("Failed to register worker {} after {} attempts", config.workerId(), QUICK_TRIES);
        LOG.error(
            "❌ Failed to register with backend; trying again every {} s", PATIENT_WAIT.toSeconds());
      }
      if (closing.await(shorter(wait, asked).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new InterruptedException("closing");
      }
      wait = attempt < QUICK_TRIES - 1 ? wait.multipliedBy(2) : PATIENT_WAIT;
    }
  }

  private static String adviceOn(RefusedException e) {
    return e.status() == HTTP_UNAUTHORIZED || e.status() == HTTP_FORBIDDEN
        ? " Set KTRDR_API_TOKEN of this worker to a token with the role worker."
        : "";
  }

  private static Duration shorter(Duration wait, @Nullable Duration asked) {
    return asked == null || asked.compareTo(wait) > 0 ? wait : asked;
  }

  /** The JDK's client says little of a connection that was not made. */
  static String reasonOf(IOException e, URI api) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "Could not resolve host " + api.getHost();
      }
    }
    Optional<String> complaint = Trust.complaint(e);
    if (complaint.isPresent()) {
      return complaint.get();
    }
    if (e instanceof HttpTimeoutException) {
      return "Connection timed out";
    }
    String message = e.getMessage();
    return e instanceof ConnectException && message == null
        ? "Connection refused"
        : String.valueOf(message);
  }

  /** An API on another host must not send its workers to their own loopback. */
  static Optional<String> adviceOn(String setting, URI api, String advertised) {
    String host = hostOf(advertised);
    if (!isLoopback(host) || isLoopback(api.getHost())) {
      return Optional.empty();
    }
    return Optional.of(
        "The API at %s sends this worker to %s, which is this host itself: set %s for the API"
            .formatted(api.getHost(), host, setting));
  }

  private static String hostOf(String url) {
    try {
      String host = new URI(url.replaceFirst("^jdbc:", "")).getHost();
      return host == null ? "" : host;
    } catch (URISyntaxException e) {
      return "";
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return !host.isEmpty() && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
