package io.ktrdr.api.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that cannot be served, as the client is told of it (RFC 9457). */
public final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient List<FieldError> errors;
  private final @Nullable Duration retryAfter;

  /**
   * One thing that is wrong with the request.
   *
   * @param pointer JSON pointer to the field, e.g. {@code /start_date}
   */
  public record FieldError(String pointer, String code, String detail) {}

  /**
   * @param status HTTP status
   * @param code stable, upper case
   * @param detail what, where, and what to do
   */
  public ProblemException(int status, String code, String detail, List<FieldError> errors) {
    this(status, code, detail, errors, null);
  }

  private ProblemException(
      int status,
      String code,
      String detail,
      List<FieldError> errors,
      @Nullable Duration retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  public ProblemException(int status, String code, String detail) {
    this(status, code, detail, List.of());
  }

  /** 503 with a {@code Retry-After}: the same request may be served later. */
  public static ProblemException retryLater(String code, String detail, Duration retryAfter) {
    return new ProblemException(503, code, detail, List.of(), retryAfter);
  }

  /** 409 with a {@code Retry-After}: what is in the way may be gone then. */
  public static ProblemException conflictForNow(String code, String detail, Duration retryAfter) {
    return new ProblemException(409, code, detail, List.of(), retryAfter);
  }

  /** 429 with a {@code Retry-After}: who asks has asked too much. */
  public static ProblemException tooMany(String code, String detail, Duration retryAfter) {
    return new ProblemException(429, code, detail, List.of(), retryAfter);
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<FieldError> errors() {
    return errors;
  }

  /** When to try again; empty when trying again is of no use. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
