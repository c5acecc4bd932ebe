package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Turns the body of a request for an operation of a type that is not built in into a spec. What its
 * parameters mean only the handler knows: it refuses those it cannot use when it runs.
 */
public final class JobRequest {

  static final String TYPE = "operation_type";
  static final String PARAMETERS = "parameters";

  /** Larger input belongs into an artifact. */
  private static final int PARAMETERS_BYTES_MAX = 256 * 1024;

  private final OperationTypes types;
  private final TimeLimits limits;

  public JobRequest(OperationTypes types, TimeLimits limits) {
    this.types = types;
    this.limits = limits;
  }

  Accepted resolve(RequestBody body) {
    String name = body.require(TYPE, body.text(TYPE), "");
    Optional<OperationType> type = name.isEmpty() ? Optional.empty() : types.find(name);
    if (!name.isEmpty() && type.isEmpty()) {
      body.error(
          TYPE,
          "OPERATION_TYPE_UNKNOWN",
          "is '%s', valid are: %s; more are made known by the API's setting KTRDR_JOB_TYPES"
              .formatted(name, types.validNames()));
    }
    type.filter(OperationType.BUILT_IN::contains)
        .ifPresent(known ->
            body.error(
                TYPE,
                "OPERATION_TYPE_HAS_ITS_ROUTE",
                "is submitted to /api/v1/%s/start"
                    .formatted(known.equals(OperationType.TRAINING) ? "trainings" : "backtests")));
    ObjectNode parameters =
        body.objectAsItIs(PARAMETERS).orElseGet(() -> Json.mapper().createObjectNode());
    int bytes = parameters.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > PARAMETERS_BYTES_MAX) {
      body.error(
          PARAMETERS,
          "PARAM_RANGE",
          "has %d bytes, at most %d are allowed".formatted(bytes, PARAMETERS_BYTES_MAX));
    }
    Demand demand = DemandFields.read(body);
    Operation.Timeouts timeouts = limits.read(body, type.orElse(OperationType.TRAINING));
    body.throwIfInvalid();
    ObjectNode metadata = Json.mapper().createObjectNode().put("mode", "distributed");
    metadata.set(PARAMETERS, parameters);
    return new Accepted(
        new OperationSpec.Job(type.orElseThrow(), parameters),
        metadata,
        List.of(),
        timeouts,
        demand);
  }
}
