package io.ktrdr.worker;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.ArtifactRef;
import java.util.List;

/**
 * What a run achieved.
 *
 * @param values flat metrics at the top level, details nested; no NaN or infinity: an undefined
 *     metric is null with a reason
 * @param artifacts what {@link RunContext#storeArtifact} returned
 */
public record OperationResult(ObjectNode values, List<ArtifactRef> artifacts) {

  public OperationResult {
    requireNonNull(values, "values is null");
    artifacts = List.copyOf(artifacts);
  }
}
