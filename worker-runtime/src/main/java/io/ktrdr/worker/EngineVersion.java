package io.ktrdr.worker;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Version of the code that runs an operation, which need not be that of the API it was submitted
 * to: while a fleet is brought up to date, workers of two versions run side by side. What a result
 * says of itself is this one.
 *
 * @param packaged as the build wrote it into the jar; empty outside one
 */
public record EngineVersion(Optional<String> packaged) {

  public EngineVersion {
    requireNonNull(packaged, "packaged is null");
  }

  /** That of the jar the class is in. */
  public static EngineVersion of(Class<?> engine) {
    return new EngineVersion(Optional.ofNullable(engine.getPackage().getImplementationVersion()));
  }

  /**
   * This version.
   *
   * @param submitted that of the API, all that is known outside a jar
   */
  public String orSubmitted(String submitted) {
    return packaged.orElse(submitted);
  }
}
