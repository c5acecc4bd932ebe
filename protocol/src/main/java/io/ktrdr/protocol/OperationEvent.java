package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run tells the API. */
public sealed interface OperationEvent {

  EventHeader header();

  /** True for the events after which a run sends nothing more. */
  default boolean endsRun() {
    return switch (this) {
      case Started _, Progressed _ -> false;
      case Completed _, Failed _, Cancelled _ -> true;
    };
  }

  /** The run was claimed and begins. */
  record Started(EventHeader header) implements OperationEvent {
    public Started {
      requireNonNull(header, "header is null");
    }
  }

  /** The run is this far. */
  record Progressed(EventHeader header, Progress progress) implements OperationEvent {
    public Progressed {
      requireNonNull(header, "header is null");
      requireNonNull(progress, "progress is null");
    }
  }

  /**
   * The run has a result.
   *
   * @param result flat metrics and details for the user; NaN and infinities are not allowed
   * @param artifacts stored before this event was sent
   */
  record Completed(EventHeader header, ObjectNode result, List<ArtifactRef> artifacts)
      implements OperationEvent {
    public Completed {
      requireNonNull(header, "header is null");
      requireNonNull(result, "result is null");
      artifacts = List.copyOf(artifacts);
    }
  }

  /** The run ended without a result. */
  record Failed(EventHeader header, Failure failure) implements OperationEvent {
    public Failed {
      requireNonNull(header, "header is null");
      requireNonNull(failure, "failure is null");
    }
  }

  /**
   * The run was asked to stop and did.
   *
   * @param partialResult what it had achieved by then; null when that means nothing
   * @param artifacts stored before this event was sent
   */
  record Cancelled(
      EventHeader header,
      String reason,
      @Nullable ObjectNode partialResult,
      List<ArtifactRef> artifacts)
      implements OperationEvent {
    public Cancelled {
      requireNonNull(header, "header is null");
      requireNonNull(reason, "reason is null");
      artifacts = List.copyOf(artifacts);
    }
  }
}
