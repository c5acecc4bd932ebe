package io.ktrdr.protocol.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What the holder of a token may do. A researcher may all that a viewer may, an operator all that a
 * researcher may; a worker stands apart.
 */
public enum Role {
  /** Looks at everything, changes nothing. */
  VIEWER,
  /** Submits, cancels, retries and resumes operations. */
  RESEARCHER,
  /** Drains, pauses and repairs. */
  OPERATOR,
  /** A worker process: registers, and is then told the passwords of broker and database. */
  WORKER;

  /** Whether who has this role may what the other one may. */
  public boolean includes(Role other) {
    return this == other || (this != WORKER && other != WORKER && compareTo(other) > 0);
  }

  /** As it is written in files, JSON and commands. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException naming the valid ones, and not the text: in a file that is
   *     wrong it may be a token
   */
  public static Role parse(String text) {
    return Arrays.stream(values())
        .filter(role -> role.wireName().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the role is not one of "
                    + Arrays.stream(values())
                        .map(Role::wireName)
                        .collect(Collectors.joining(", "))));
  }
}
