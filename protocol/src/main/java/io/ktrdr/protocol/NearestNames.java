package io.ktrdr.protocol;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Suggests what a mistyped name may have meant. */
public final class NearestNames {

  private static final int SUGGESTIONS_MAX = 3;
  private static final int NAME_CHARS_MAX = 64;

  private NearestNames() {}

  /**
   * Names close to {@code wanted}, nearest first, at most three; ignores case. Close means at most
   * a third of the letters (and at least two) inserted, removed or replaced.
   */
  public static List<String> of(String wanted, Collection<String> known) {
    if (wanted.length() > NAME_CHARS_MAX) {
      return List.of();
    }
    record Candidate(String name, int distance) {}
    int limit = Math.max(2, wanted.length() / 3);
    return known.stream()
        .distinct()
        .map(name -> new Candidate(name, distance(lower(wanted), lower(name))))
        .filter(candidate -> candidate.distance() <= limit)
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .limit(SUGGESTIONS_MAX)
        .map(Candidate::name)
        .toList();
  }

  /** {@code "; did you mean 'a' or 'b'?"}, or the empty text when nothing is close. */
  public static String hint(String wanted, Collection<String> known) {
    List<String> nearest = of(wanted, known);
    return nearest.isEmpty() ? "" : "; did you mean '" + String.join("' or '", nearest) + "'?";
  }

  /** Levenshtein's edit distance, two rows at a time. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
