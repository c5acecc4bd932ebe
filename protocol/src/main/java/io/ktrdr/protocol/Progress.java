package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is.
 *
 * @param percentage 0 to 100
 * @param currentStep for people, e.g. {@code Processing bar 250/1000}
 * @param stepsCompleted phases done, of {@code stepsTotal}; both 0 when the run has no phases
 * @param itemsProcessed bars or epochs done, of {@code itemsTotal}; both 0 before the first
 * @param currentItem what is being worked on, e.g. the bar's time; null when there is nothing to
 *     name
 * @param context figures of the moment, e.g. losses; small and flat, JSON values only
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Progress(
    double percentage,
    String currentStep,
    int stepsCompleted,
    int stepsTotal,
    long itemsProcessed,
    long itemsTotal,
    @Nullable String currentItem,
    Map<String, Object> context) {

  /** What a run shows before its first figure. */
  public static final String STEP_INITIALIZING = "Initializing...";

  /** What an operation shows once it has its result. */
  public static final String STEP_COMPLETED = "Completed";

  /**
   * @throws IllegalArgumentException when {@code percentage} is outside 0 to 100 or not a number
   */
  public Progress {
    requireNonNull(currentStep, "currentStep is null");
    context = Map.copyOf(context);
    if (!(percentage >= 0 && percentage <= 100)) {
      throw new IllegalArgumentException("percentage not within 0 to 100: " + percentage);
    }
  }

  /** Progress with a percentage and a step only. */
  public static Progress of(double percentage, String currentStep) {
    return new Progress(percentage, currentStep, 0, 0, 0, 0, null, Map.of());
  }

  public static Progress initializing() {
    return of(0, STEP_INITIALIZING);
  }
}
