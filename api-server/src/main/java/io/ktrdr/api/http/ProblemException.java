package io.ktrdr.api.http;

import java.util.List;

/** A request that cannot be served, as the client is told of it (RFC 9457). */
public final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient List<FieldError> errors;

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
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
  }

  public ProblemException(int status, String code, String detail) {
    this(status, code, detail, List.of());
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
}
