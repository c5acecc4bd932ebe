package io.ktrdr.strategy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Everything found wrong or pointless while one strategy is read. Not thread-safe. */
final class Problems {

  /** Enough to see what is wrong; a thousand more would hide it. */
  static final int PROBLEMS_MAX = 100;

  private final List<Problem> found = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void add(String path, int line, String code, String message) {
    if (found.size() < PROBLEMS_MAX) {
      found.add(new Problem(path, line, code, message));
    }
  }

  void warn(String path, String message) {
    if (warnings.size() < PROBLEMS_MAX) {
      warnings.add(path + ": " + message);
    }
  }

  List<String> warnings() {
    return warnings;
  }

  /**
   * @throws StrategyInvalidException when there is a problem
   */
  void throwIfAny() {
    if (!found.isEmpty()) {
      throw new StrategyInvalidException(
          found.stream().sorted(Comparator.comparingInt(Problem::line)).toList());
    }
  }

  int count() {
    return found.size();
  }

  boolean isEmpty() {
    return found.isEmpty();
  }
}
