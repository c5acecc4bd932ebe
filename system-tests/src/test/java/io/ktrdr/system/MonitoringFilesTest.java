package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.testkit.MetricsPage;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What {@code ops/} ships for monitoring can be read, and speaks of things there are. */
final class MonitoringFilesTest {

  private static final Path ROOT = RepositoryRoot.find();
  private static final Path RUNBOOKS = ROOT.resolve("docs/operations/runbooks");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:ktrdr|rabbitmq|http_server)_[a-z_]+\\b");
  private static final Pattern HISTOGRAM_PART = Pattern.compile("_(bucket|count|sum|max)$");
  private static final Pattern ALERT = Pattern.compile("\\bKtrdr[A-Z][A-Za-z]+\\b");

  static List<Path> yamlFiles() throws IOException {
    return Stream.of("ops/prometheus", "ops/grafana", "ops/keda")
        .flatMap(folder -> files(ROOT.resolve(folder), ".yml", ".yaml"))
        .toList();
  }

  static List<Path> dashboards() {
    return files(ROOT.resolve("ops/grafana/dashboards"), ".json").toList();
  }

  @ParameterizedTest
  @MethodSource("yamlFiles")
  void yamlCanBeRead(Path file) throws IOException {
    assertThat(documents(file)).isNotEmpty().doesNotContainNull();
  }

  @Test
  void everyAlertHasItsRunbookAndEveryRunbookItsAlert() throws IOException {
    Set<String> alerts = new TreeSet<>();
    for (JsonNode rule : rules()) {
      String alert = rule.path("alert").asText();
      alerts.add(alert);
      assertThat(rule.at("/labels/severity").asText()).as(alert).isIn("warning", "critical");
      assertThat(rule.at("/annotations/summary").asText()).as(alert).isNotBlank();
      String runbook = rule.at("/annotations/runbook_url").asText();
      assertThat(runbook).isEqualTo("docs/operations/runbooks/" + alert + ".md");
      assertThat(Files.readString(ROOT.resolve(runbook)))
          .as(runbook)
          .startsWith("# " + alert + "\n")
          .contains("\n## How to see\n", "\n## What to do\n");
    }
    assertThat(files(RUNBOOKS, ".md").map(page -> page.getFileName().toString()))
        .containsExactlyInAnyOrderElementsOf(alerts.stream().map(name -> name + ".md").toList());
    String page = Files.readString(ROOT.resolve("docs/operations/metrics.md"));
    assertThat(ALERT.matcher(page).results().map(match -> match.group()))
        .isSubsetOf(alerts)
        .isNotEmpty();
  }

  @Test
  void rulesAreAboutMetricsThatThereAre() throws IOException {
    Set<String> known = knownMetrics();
    for (JsonNode rule : rules()) {
      assertThat(metrics(rule.path("expr").asText(), known))
          .as("of %s", rule.path("alert").asText())
          .isSubsetOf(known);
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsShowMetricsThatThereAre(Path file) throws IOException {
    JsonNode dashboard = Json.mapper().readTree(file.toFile());
    assertThat(dashboard.path("uid").asText()).startsWith("ktrdr-");
    Set<Integer> ids = new HashSet<>();
    Set<String> known = knownMetrics();
    for (JsonNode panel : dashboard.path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).as("id of %s", panel.path("title")).isTrue();
      for (JsonNode target : panel.path("targets")) {
        String expression = target.path("expr").asText();
        assertThat(metrics(expression, known)).as(expression).isSubsetOf(known);
        assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      }
    }
    assertThat(ids).hasSizeGreaterThan(10);
  }

  private static List<JsonNode> rules() throws IOException {
    JsonNode groups =
        Json.mapper()
            .valueToTree(documents(ROOT.resolve("ops/prometheus/rules/ktrdr.yml")).getFirst())
            .path("groups");
    List<JsonNode> rules =
        StreamSupport.stream(groups.spliterator(), false)
            .flatMap(group -> StreamSupport.stream(group.path("rules").spliterator(), false))
            .toList();
    assertThat(rules).isNotEmpty();
    return rules;
  }

  /** Ours from the tables, RabbitMQ's from the text below them. */
  private static Set<String> knownMetrics() throws IOException {
    Set<String> known = new TreeSet<>(MetricsPage.documented("API").keySet());
    known.addAll(MetricsPage.documented("Worker").keySet());
    String page = Files.readString(ROOT.resolve("docs/operations/metrics.md"));
    Pattern.compile("`(rabbitmq_[a-z_]+)`")
        .matcher(page)
        .results()
        .forEach(match -> known.add(match.group(1)));
    return known;
  }

  /** The metrics of an expression, by the names of the page. */
  private static Set<String> metrics(String expression, Set<String> known) {
    return METRIC
        .matcher(expression)
        .results()
        .map(match -> match.group())
        .map(name -> known.contains(name) ? name : HISTOGRAM_PART.matcher(name).replaceFirst(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Object> documents(Path file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return StreamSupport.stream(yaml.loadAll(Files.readString(file)).spliterator(), false).toList();
  }

  private static Stream<Path> files(Path folder, String... endings) {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(path -> Stream.of(endings).anyMatch(path.toString()::endsWith))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
