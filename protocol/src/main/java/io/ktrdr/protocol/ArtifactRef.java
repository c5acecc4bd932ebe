package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

/**
 * Bytes kept under their own digest.
 *
 * @param name what it is to the operation that made it: {@code model}, {@code trades}, {@code
 *     equity}
 * @param bytes its size
 */
public record ArtifactRef(String name, Sha256 sha256, long bytes) {

  /** Name of the artifact that makes a completed training a new model version. */
  public static final String MODEL = "model";

  /** The largest artifact the system takes, in bytes. */
  public static final int BYTES_MAX = 64 * 1024 * 1024;

  public ArtifactRef {
    requireNonNull(name, "name is null");
    requireNonNull(sha256, "sha256 is null");
  }
}
