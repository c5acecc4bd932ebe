package io.ktrdr.protocol.amqp;

import java.time.Instant;
import java.util.Optional;

/**
 * How the way to the broker stands, for people and for readiness. Answers from memory, at once; as
 * true as the last thing heard from the broker. Thread-safe.
 */
public interface BrokerView {

  /** True while a connection is open. A connected broker may still block publishers. */
  boolean connected();

  /** The broker's own word for why it takes nothing at present, such as {@code low on disk}. */
  Optional<String> blockedReason();

  /** Since when there has been no connection, by this process's clock; empty while connected. */
  Optional<Instant> awaySince();
}
