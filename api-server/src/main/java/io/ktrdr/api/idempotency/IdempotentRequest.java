package io.ktrdr.api.idempotency;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Sha256;

/**
 * A request with a key.
 *
 * @param route keys of different routes have nothing to do with each other
 * @param fingerprint of what the request asks for
 */
public record IdempotentRequest(IdempotencyKey key, String route, Sha256 fingerprint) {

  public static IdempotentRequest of(IdempotencyKey key, String route, JsonNode body) {
    return new IdempotentRequest(key, route, Fingerprint.of(body));
  }
}
