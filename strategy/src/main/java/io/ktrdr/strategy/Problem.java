package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/**
 * One thing wrong with a strategy.
 *
 * @param path in the YAML, e.g. {@code indicators.rsi_14.period}; empty for the whole text
 * @param line from 1; 0 when there is none
 * @param code stable, upper case, e.g. {@code PARAM_RANGE}
 * @param message what is wrong and what to write instead
 */
public record Problem(String path, int line, String code, String message) {

  public Problem {
    requireNonNull(path, "path is null");
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
  }

  @Override
  public String toString() {
    String where = path.isEmpty() ? "" : path + ": ";
    return line > 0 ? "line %d, %s%s".formatted(line, where, message) : where + message;
  }
}
