package io.ktrdr.strategy;

import java.util.List;
import java.util.stream.Collectors;

/** A strategy that cannot be used, with everything that is wrong with it. */
public final class StrategyInvalidException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * @param problems at least one
   */
  public StrategyInvalidException(List<Problem> problems) {
    super(
        problems.stream()
            .map(Problem::toString)
            .collect(Collectors.joining("\n  - ", "Strategy validation failed:\n  - ", "")));
    this.problems = List.copyOf(problems);
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("problems is empty");
    }
  }

  StrategyInvalidException(String path, String code, String message) {
    this(List.of(new Problem(path, 0, code, message)));
  }

  /** In the order of the file, as far as the reader could tell. */
  public List<Problem> problems() {
    return problems;
  }

  /** The first problem's code. */
  public String code() {
    return problems.getFirst().code();
  }
}
