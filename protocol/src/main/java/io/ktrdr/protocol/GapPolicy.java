package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is done about bars that the market's calendar expects and the data does not have. */
public enum GapPolicy {
  /** The operation is refused when it is submitted. */
  FAIL("fail"),
  /** It runs on the bars there are, and says so. */
  WARN("warn"),
  /** Each missing bar becomes one at the close before it, with volume 0. */
  FILL("fill");

  /** As written in JSON. */
  public static final List<String> WORDS =
      Arrays.stream(values()).map(GapPolicy::wireName).toList();

  private final String wireName;

  GapPolicy(String wireName) {
    this.wireName = wireName;
  }

  @JsonValue
  public String wireName() {
    return wireName;
  }

  public static Optional<GapPolicy> find(String word) {
    return Arrays.stream(values()).filter(policy -> policy.wireName.equals(word)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming the valid words
   */
  @JsonCreator
  public static GapPolicy parse(String word) {
    return find(word)
        .orElseThrow(() ->
            new IllegalArgumentException("gaps '%s' is not one of %s".formatted(word, WORDS)));
  }
}
