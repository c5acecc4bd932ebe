package io.ktrdr.api.fleet;

import java.util.Arrays;
import java.util.Locale;

/** What becomes of a submit while no worker could take its operation. */
public enum WhenNoWorkers {
  /** It is accepted with a warning, and waits. */
  QUEUE,
  /** It is answered 503. */
  REJECT;

  /**
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static WhenNoWorkers parse(String setting, String text) {
    return Arrays.stream(values())
        .filter(policy -> policy.name().toLowerCase(Locale.ROOT).equals(text.strip()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s is '%s', expected queue or reject".formatted(setting, text)));
  }
}
