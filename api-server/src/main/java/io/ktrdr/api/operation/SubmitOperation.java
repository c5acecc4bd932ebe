package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts an operation: its row and its outbox message commit together or not at all. */
public final class SubmitOperation {

  private static final Logger LOG = LoggerFactory.getLogger(SubmitOperation.class);

  private final Jdbi jdbi;
  private final OperationStore operations;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final RetryPolicies retries;
  private final InstantSource clock;

  public SubmitOperation(
      Jdbi jdbi,
      OperationStore operations,
      OutboxStore outbox,
      OutboxRelay relay,
      RetryPolicies retries,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.operations = operations;
    this.outbox = outbox;
    this.relay = relay;
    this.retries = retries;
    this.clock = clock;
  }

  /**
   * @param metadata what users see of the spec
   * @param warnings about the spec, for the user
   */
  public OperationId submit(OperationSpec spec, ObjectNode metadata, List<String> warnings) {
    OperationId id = OperationId.create(spec.operationType(), clock.instant());
    jdbi.useTransaction(handle -> {
      operations.insert(
          handle, id, spec, metadata, warnings, retries.of(spec.operationType()).attemptsMax());
      operations.appendEvent(
          handle,
          id,
          UUID.randomUUID(),
          "operation.submitted",
          null,
          null,
          null,
          JsonNodeFactory.instance.objectNode());
      outbox.appendRun(handle, id, spec.operationType(), Duration.ZERO);
    });
    relay.wake();
    LOG.info("Operation accepted: {}", id);
    return id;
  }
}
