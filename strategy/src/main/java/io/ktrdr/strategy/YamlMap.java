package io.ktrdr.strategy;

import io.ktrdr.protocol.NearestNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A mapping being read. Every question notes its key as known and every wrong answer becomes a
 * problem, so reading goes on; {@link #finish} reports what nobody asked for. A key without value
 * counts as left out. Not thread-safe.
 */
final class YamlMap {

  private static final Pattern FLAG = Pattern.compile("(?i)true|false|yes|no|on|off");
  private static final int SHOWN_MAX = 60;

  private final String path;
  private final int line;
  private final Problems problems;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  /** Sections read before, so that asking twice does not report twice. Null: not a mapping. */
  private final Map<String, @Nullable YamlMap> sections = new HashMap<>();

  YamlMap(String path, MappingNode node, Problems problems) {
    this.path = path;
    this.line = YamlText.line(node);
    this.problems = problems;
    for (NodeTuple entry : node.getValue()) {
      String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : null;
      int keyLine = YamlText.line(entry.getKeyNode());
      if (key == null) {
        problems.add(path, keyLine, "YAML_INVALID", "a key must be a plain word");
      } else if (entries.putIfAbsent(key, entry) != null) {
        problems.add(
            path(key),
            keyLine,
            "YAML_INVALID",
            YamlText.at(
                entry.getKeyNode().getStartMark(),
                "'%s' is written twice; keep one".formatted(key)));
      }
    }
  }

  /** An empty mapping, for a section that was left out. */
  static YamlMap absent(String path, int line, Problems problems) {
    return new YamlMap(path, line, problems);
  }

  private YamlMap(String path, int line, Problems problems) {
    this.path = path;
    this.line = line;
    this.problems = problems;
  }

  String path() {
    return path;
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  int line() {
    return line;
  }

  /** The key's line, or the mapping's when it has no such key. */
  int line(String key) {
    NodeTuple entry = entries.get(key);
    return entry == null ? line : YamlText.line(entry.getKeyNode());
  }

  List<String> keys() {
    return List.copyOf(entries.keySet());
  }

  boolean has(String key) {
    return node(key) != null;
  }

  /** The value, or null when the key is absent or has no value. */
  @Nullable Node node(String key) {
    known.add(key);
    NodeTuple entry = entries.get(key);
    if (entry == null || entry.getValueNode().getTag().equals(Tag.NULL)) {
      return null;
    }
    return entry.getValueNode();
  }

  /** Accepts keys that mean nothing here; says so when they are there. */
  void ignore(String why, String... keys) {
    for (String key : keys) {
      if (has(key)) {
        problems.warn(path(key), why);
      }
    }
  }

  /** Accepts keys that only inform a human reader. */
  void accept(String... keys) {
    known.addAll(List.of(keys));
  }

  /** Reports every key nobody asked for, with the nearest one somebody would have. */
  void finish(String code) {
    for (String key : entries.keySet()) {
      if (!known.contains(key)) {
        String hint = NearestNames.hint(key, known);
        problem(
            key,
            code,
            "'%s' is not known here%s"
                .formatted(
                    shortened(key),
                    hint.isEmpty() ? "; valid are: " + String.join(", ", known) : hint));
      }
    }
  }

  void problem(String key, String code, String message) {
    problems.add(path(key), line(key), code, message);
  }

  /** Of the whole text, so far. */
  int problemCount() {
    return problems.count();
  }

  void missing(String key, String example) {
    problem(key, "KEY_MISSING", "'%s' is missing; write e.g. %s".formatted(key, example));
  }

  @Nullable YamlMap map(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    if (!sections.containsKey(key)) {
      sections.put(key, asMap(key, node));
    }
    return sections.get(key);
  }

  @Nullable YamlMap requiredMap(String key, String example) {
    if (!has(key)) {
      missing(key, example);
      return null;
    }
    return map(key);
  }

  /** The section, empty when it was left out or is not a mapping. */
  YamlMap mapOrAbsent(String key) {
    YamlMap map = map(key);
    return map == null ? absent(path(key), line(key), problems) : map;
  }

  private @Nullable YamlMap asMap(String key, Node node) {
    if (node instanceof MappingNode mapping) {
      return new YamlMap(path(key), mapping, problems);
    }
    problem(key, "VALUE_INVALID", "must be a mapping of keys to values, is " + shown(node));
    return null;
  }

  /** The elements of a list; a problem and null when it is something else. */
  @Nullable List<Node> list(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    problem(key, "VALUE_INVALID", "must be a list like [a, b], is " + shown(node));
    return null;
  }

  /** Elements read one by one; what {@code read} cannot read (null) is a problem. */
  <T> @Nullable List<T> list(String key, String expected, Function<String, @Nullable T> read) {
    List<Node> nodes = list(key);
    if (nodes == null) {
      return null;
    }
    List<T> values = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      T value = node instanceof ScalarNode scalar ? read.apply(scalar.getValue()) : null;
      if (value == null) {
        problems.add(
            "%s[%d]".formatted(path(key), i),
            YamlText.line(node),
            "VALUE_INVALID",
            "must be %s, is %s".formatted(expected, shown(node)));
      } else {
        values.add(value);
      }
    }
    return values;
  }

  /** Whole numbers, one by one; null when the key is absent or no list. */
  @Nullable List<Integer> wholes(String key, int min, int max) {
    List<Node> nodes = list(key);
    if (nodes == null) {
      return null;
    }
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      Long value = YamlNumber.whole(node);
      if (value == null || value < min || value > max) {
        problems.add(
            "%s[%d]".formatted(path(key), i),
            YamlText.line(node),
            "VALUE_INVALID",
            "must be a whole number from %d to %d, is %s%s"
                .formatted(min, max, shown(node), YamlNumber.wholeHint(node)));
      } else {
        values.add(Math.toIntExact(value));
      }
    }
    return values;
  }

  @Nullable String text(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    problem(key, "VALUE_INVALID", "must be a text, is " + shown(node));
    return null;
  }

  String text(String key, String standard) {
    String text = text(key);
    return text == null ? standard : text;
  }

  /** One of some words, in any case; the default when absent or something else. */
  String word(String key, String standard, List<String> choices) {
    String text = text(key);
    if (text == null) {
      return standard;
    }
    for (String choice : choices) {
      if (choice.equalsIgnoreCase(text)) {
        return choice;
      }
    }
    problem(
        key,
        "VALUE_INVALID",
        "'%s' is not one of %s%s"
            .formatted(
                shortened(text), String.join(", ", choices), NearestNames.hint(text, choices)));
    return standard;
  }

  /** What YAML 1.1 takes for true or false: nobody reads {@code yes} or {@code on} otherwise. */
  boolean bool(String key, boolean standard) {
    Node node = node(key);
    if (node == null) {
      return standard;
    }
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
      return switch (scalar.getValue().toLowerCase(Locale.ROOT)) {
        case "true", "yes", "on" -> true;
        default -> false;
      };
    }
    boolean quoted = node instanceof ScalarNode text && FLAG.matcher(text.getValue()).matches();
    problem(
        key,
        "VALUE_INVALID",
        "must be true or false, is %s%s"
            .formatted(shown(node), quoted ? "; write it without quotes" : ""));
    return standard;
  }

  long whole(String key, long standard, long min, long max) {
    Node node = node(key);
    if (node == null) {
      return standard;
    }
    Long value = YamlNumber.whole(node);
    if (value == null || value < min || value > max) {
      problem(
          key,
          "PARAM_RANGE",
          "must be a whole number from %d to %d, is %s%s"
              .formatted(min, max, shown(node), YamlNumber.wholeHint(node)));
      return standard;
    }
    return value;
  }

  int whole(String key, int standard, int min, int max) {
    return Math.toIntExact(whole(key, (long) standard, min, max));
  }

  double real(String key, double standard, Interval interval) {
    Node node = node(key);
    if (node == null) {
      return standard;
    }
    Double value = YamlNumber.real(node);
    if (value == null || !interval.contains(value)) {
      problem(
          key,
          "PARAM_RANGE",
          "must be a number %s, is %s%s".formatted(interval, shown(node), YamlNumber.hint(node)));
      return standard;
    }
    return value;
  }

  /** A node as a reader of the message would recognise it. */
  static String shown(Node node) {
    return switch (node) {
      case ScalarNode scalar -> "'" + shortened(scalar.getValue()) + "'";
      case SequenceNode _ -> "a list";
      default -> "a mapping";
    };
  }

  static String shortened(String text) {
    return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
  }
}
