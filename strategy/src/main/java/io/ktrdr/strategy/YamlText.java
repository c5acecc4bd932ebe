package io.ktrdr.strategy;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * From text to YAML nodes with their lines, and no further: no object is ever constructed from a
 * tag. Size, nesting, aliases and tags are bounded before anything looks at the content.
 */
final class YamlText {

  /** Largest strategy, in bytes of UTF-8. */
  static final int BYTES_MAX = 1024 * 1024;

  static final int ALIASES_MAX = 50;
  static final int NESTING_MAX = 20;

  private YamlText() {}

  /**
   * The document's root mapping.
   *
   * @throws StrategyInvalidException {@code YAML_INVALID} or {@code STRATEGY_TOO_LARGE}
   */
  static MappingNode parse(String text) {
    if (text.length() > BYTES_MAX || text.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
      throw new StrategyInvalidException(
          "", "STRATEGY_TOO_LARGE", "the strategy is larger than %d bytes".formatted(BYTES_MAX));
    }
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(BYTES_MAX);
    options.setNestingDepthLimit(NESTING_MAX);
    options.setMaxAliasesForCollections(ALIASES_MAX);
    options.setAllowDuplicateKeys(false);
    Yaml yaml = new Yaml(new SafeConstructor(options));
    Node root;
    try {
      requireFewAliases(yaml.parse(new StringReader(text)));
      root = yaml.compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      throw invalid(e.getProblemMark(), "not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      throw invalid(null, "not YAML: " + e.getMessage());
    }
    if (!(root instanceof MappingNode mapping)) {
      throw invalid(
          root == null ? null : root.getStartMark(),
          "a strategy is a mapping that starts with 'name: …'");
    }
    requirePlainTags(root, Collections.newSetFromMap(new IdentityHashMap<>()));
    return mapping;
  }

  static int line(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }

  private static void requireFewAliases(Iterable<Event> events) {
    int aliases = 0;
    for (Event event : events) {
      if (event instanceof AliasEvent && ++aliases > ALIASES_MAX) {
        throw invalid(
            event.getStartMark(), "more than " + ALIASES_MAX + " aliases; write the values out");
      }
    }
  }

  private static void requirePlainTags(@Nullable Node node, Set<Node> seen) {
    if (node == null || !seen.add(node)) {
      return;
    }
    switch (node) {
      case MappingNode mapping -> {
        requireTag(node, Tag.MAP);
        for (NodeTuple entry : mapping.getValue()) {
          requirePlainTags(entry.getKeyNode(), seen);
          requirePlainTags(entry.getValueNode(), seen);
        }
      }
      case SequenceNode sequence -> {
        requireTag(node, Tag.SEQ);
        sequence.getValue().forEach(element -> requirePlainTags(element, seen));
      }
      case ScalarNode _ -> {
        if (node.getTag().equals(Tag.MERGE)) {
          throw invalid(
              node.getStartMark(), "merge keys (<<) are not read; write the merged keys out");
        }
        requireTag(node, Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);
      }
      default -> throw invalid(node.getStartMark(), "an unresolved alias");
    }
  }

  private static void requireTag(Node node, Tag... allowed) {
    if (!Set.of(allowed).contains(node.getTag())) {
      throw invalid(
          node.getStartMark(),
          "tag %s is not allowed; write a plain value".formatted(node.getTag()));
    }
  }

  /** The message, with the column in front where there is one; a problem has its line. */
  static String at(@Nullable Mark mark, String message) {
    return mark == null ? message : "column %d: %s".formatted(mark.getColumn() + 1, message);
  }

  private static StrategyInvalidException invalid(@Nullable Mark mark, String message) {
    int line = mark == null ? 0 : mark.getLine() + 1;
    return new StrategyInvalidException(
        List.of(new Problem("", line, "YAML_INVALID", at(mark, message))));
  }
}
