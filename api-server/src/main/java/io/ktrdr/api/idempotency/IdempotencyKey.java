package io.ktrdr.api.idempotency;

import io.ktrdr.api.http.ProblemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls a request, so that sending it again does nothing twice.
 *
 * @param value 1 to 255 visible ASCII characters
 */
public record IdempotencyKey(String value) {

  /** Name of the header. */
  public static final String HEADER = "Idempotency-Key";

  /** Longest key. */
  public static final int CHARACTERS_MAX = 255;

  /**
   * Reads the header, with or without the quotes of a structured header.
   *
   * @param header null when there is none
   * @throws ProblemException 400 {@code IDEMPOTENCY_KEY_INVALID}
   */
  public static Optional<IdempotencyKey> parse(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    String text = header.strip();
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    String value = quoted ? text.substring(1, text.length() - 1) : text;
    if (value.isEmpty()
        || value.length() > CHARACTERS_MAX
        || !value.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"')) {
      throw new ProblemException(
          400,
          "IDEMPOTENCY_KEY_INVALID",
          "%s has to be 1 to %d visible ASCII characters without quotes inside, e.g. a UUID."
              .formatted(HEADER, CHARACTERS_MAX));
    }
    return Optional.of(new IdempotencyKey(value));
  }
}
