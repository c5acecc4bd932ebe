package io.ktrdr.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code docs/operations/metrics.md}, and what a process says of itself, as the same kind of rows.
 */
public final class MetricsPage {

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_]+)` \\| (gauge|counter|histogram) \\| ([^|]*)\\|.*");
  private static final Pattern LABEL = Pattern.compile("`([a-z_]+)`");
  private static final Pattern TYPE = Pattern.compile("# TYPE ([a-z_]+) ([a-z]+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)\\})? [^ ]+");
  private static final Pattern SAMPLE_LABEL = Pattern.compile("([a-z_]+)=\"");
  private static final Set<String> PARTS = Set.of("_bucket", "_count", "_sum", "_max");
  private static final Pattern USUAL = Pattern.compile("(jvm|process|system|prometheus)_.*");

  private MetricsPage() {}

  /**
   * A metric.
   *
   * @param type gauge, counter or histogram
   */
  public record Metric(String type, Set<String> labels) {}

  /**
   * The metrics of one table, by name.
   *
   * @param heading of its section, e.g. {@code API}
   */
  public static Map<String, Metric> documented(String heading) throws IOException {
    Path page = RepositoryRoot.find().resolve("docs/operations/metrics.md");
    String section =
        Arrays.stream(Files.readString(page).split("(?m)^## ", -1))
            .filter(text -> text.startsWith(heading + "\n"))
            .findFirst()
            .orElseThrow();
    Map<String, Metric> metrics = new TreeMap<>();
    section
        .lines()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .forEach(row ->
            metrics.put(
                row.group(1),
                new Metric(
                    row.group(2),
                    LABEL
                        .matcher(row.group(3))
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toCollection(TreeSet::new)))));
    return metrics;
  }

  /** The metrics of a scrape, by name, without those every JVM has. */
  public static Map<String, Metric> scraped(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, Set<String>> labels = new TreeMap<>();
    text.lines()
        .forEach(line -> {
          Matcher type = TYPE.matcher(line);
          Matcher sample = SAMPLE.matcher(line);
          if (type.matches()) {
            types.put(type.group(1), type.group(2));
          } else if (sample.matches()) {
            Set<String> names = labels.computeIfAbsent(sample.group(1), _ -> new TreeSet<>());
            String given = sample.group(2);
            if (given != null) {
              SAMPLE_LABEL.matcher(given).results().forEach(label -> names.add(label.group(1)));
            }
          }
        });
    Map<String, Metric> metrics = new TreeMap<>();
    types.forEach((name, type) -> {
      boolean partOfAnother =
          name.endsWith("_max") && types.containsKey(name.substring(0, name.length() - 4));
      if (!USUAL.matcher(name).matches() && !partOfAnother) {
        metrics.put(name, new Metric(type, labelsOf(name, labels)));
      }
    });
    return metrics;
  }

  private static Set<String> labelsOf(String name, Map<String, Set<String>> labels) {
    Set<String> all = new TreeSet<>(labels.getOrDefault(name, Set.of()));
    PARTS.forEach(part -> all.addAll(labels.getOrDefault(name + part, Set.of())));
    all.remove("le");
    return all;
  }
}
