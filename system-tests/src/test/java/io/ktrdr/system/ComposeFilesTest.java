package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.settings.SettingNames;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * What the compose files promise, as far as it can be read off them. {@code ops/compose-check}
 * tries it on an engine.
 */
final class ComposeFilesTest {

  private static final Path ROOT = RepositoryRoot.find();
  private static final String MAIN = "docker-compose.yml";
  private static final String PRODUCTION = "docker-compose.prod.yml";

  private static final List<String> SCALABLE = List.of("backtest-worker", "training-worker");
  private static final List<String> OURS = List.of("backend", "backtest-worker", "training-worker");

  /** An operation that is not finished within the worker's grace is handed back in this time. */
  private static final int HAND_BACK_SECONDS = 30;

  /** Variables of the servers' own images. */
  private static final Set<String> FOREIGN =
      Set.of("POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD_FILE");

  /** What Compose 1.29 refuses. */
  private static final Pattern TOO_NEW =
      Pattern.compile("(?m)^name:|^include:|start_interval|pull_policy|develop:|required:|!reset");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(:?[-?])?");
  private static final Pattern RELATIVE = Pattern.compile("\\./[a-z][a-z./-]*");
  private static final Pattern EXAMPLE = Pattern.compile("(?m)^#?([A-Z_]+)=");

  @Test
  void theServicesAreThoseOfTheGuide() throws IOException {
    for (String file : List.of(MAIN, PRODUCTION)) {
      assertThat(services(file).keySet())
          .as(file)
          .containsExactlyInAnyOrder(
              "postgres", "rabbitmq", "backend", "backtest-worker", "training-worker");
    }
  }

  @Test
  void workersCanBeScaledAndStopInGoodOrder() throws IOException {
    for (String name : SCALABLE) {
      Map<String, Object> worker = services(MAIN).get(name);
      assertThat(worker).as(name).doesNotContainKeys("container_name", "ports", "hostname");
      assertThat(worker).containsEntry("restart", "on-failure");
      int grace = Integer.parseInt(environment(worker).get("KTRDR_WORKER_STOP_GRACE_SECONDS"));
      assertThat(seconds(worker.get("stop_grace_period")))
          .as(name)
          .isGreaterThan(grace + HAND_BACK_SECONDS);
    }
    assertThat(services(MAIN).get("backend")).containsEntry("container_name", "ktrdr-backend");
    assertThat(map(map(load(MAIN).get("networks")).get("default")))
        .containsEntry("name", "ktrdr-network");
  }

  @Test
  void ourContainersMayDoNothingTheyNeedNot() throws IOException {
    for (String name : OURS) {
      Map<String, Object> service = services(MAIN).get(name);
      assertThat(service).as(name).containsEntry("read_only", true);
      assertThat(service).containsEntry("cap_drop", List.of("ALL"));
      assertThat(service).containsEntry("security_opt", List.of("no-new-privileges:true"));
    }
    for (Map.Entry<String, Map<String, Object>> service : services(MAIN).entrySet()) {
      assertThat(service.getValue().get("deploy"))
          .as(service.getKey())
          .asString()
          .contains("_MEMORY:-");
    }
  }

  @Test
  void nothingIsOpenToOthersUnlessSomebodySaysSo() throws IOException {
    List<String> published = new ArrayList<>();
    for (Map<String, Object> service : services(MAIN).values()) {
      if (service.get("ports") instanceof List<?> ports) {
        ports.forEach(port -> published.add(port.toString()));
      }
    }
    assertThat(published).isNotEmpty().allMatch(port -> port.contains("_PUBLISH:-127.0.0.1:"));
    assertThat(text(PRODUCTION)).doesNotContain("ports:");
  }

  @Test
  void secretsAreFilesAndHaveNoDefaultInProduction() throws IOException {
    for (String file : List.of(MAIN, PRODUCTION)) {
      for (Map<String, Object> service : services(file).values()) {
        assertThat(environment(service).keySet())
            .doesNotContainAnyElementsOf(SettingNames.SECRETS)
            .noneMatch(name -> name.matches(".*(PASS|PASSWORD|TOKEN)"));
      }
    }
    Map<String, Object> production = map(load(PRODUCTION).get("secrets"));
    assertThat(production.keySet()).containsAll(map(load(MAIN).get("secrets")).keySet());
    assertThat(production.values())
        .allSatisfy(
            secret -> assertThat(map(secret).get("file").toString()).startsWith("${SECRETS_DIR:?"));
    assertThat(
            VARIABLE
                .matcher(text(PRODUCTION))
                .results()
                .map(found -> found.group(1) + found.group(2)))
        .allMatch(found -> found.endsWith(":?") || found.equals("IMAGE_PREFIX:-"));
    assertThat(environment(services(PRODUCTION).get("backend"))).containsEntry("KTRDR_AUTH", "on");
  }

  @Test
  void everyVariableOfAContainerIsASetting() throws IOException {
    Set<String> known = new TreeSet<>(SettingNames.all());
    SettingNames.SECRETS.forEach(name -> known.add(name + "_FILE"));
    known.addAll(FOREIGN);
    for (String file : List.of(MAIN, PRODUCTION)) {
      for (Map<String, Object> service : services(file).values()) {
        assertThat(known).as(file).containsAll(environment(service).keySet());
      }
    }
  }

  @Test
  void theExampleListsEveryVariableOfTheFiles() throws IOException {
    Set<String> used = new TreeSet<>(Set.of("COMPOSE_PROJECT_NAME", "COMPOSE_FILE"));
    for (String file : List.of(MAIN, PRODUCTION)) {
      VARIABLE.matcher(text(file)).results().forEach(found -> used.add(found.group(1)));
    }
    Set<String> listed = new TreeSet<>();
    EXAMPLE.matcher(text(".env.example")).results().forEach(found -> listed.add(found.group(1)));
    assertThat(listed).isEqualTo(used);
  }

  @Test
  void composeOneTakesTheFilesAndTheGuidesPathLeadsToThem() throws IOException {
    for (String file : List.of(MAIN, PRODUCTION)) {
      assertThat(TOO_NEW.matcher(text(file)).results().toList()).as(file).isEmpty();
      assertThat(Files.isSameFile(ROOT.resolve("docker").resolve(file), ROOT.resolve(file)))
          .isTrue();
    }
    // Every relative path of the file, from the guide's folder.
    Matcher path = RELATIVE.matcher(text(MAIN).replaceAll("(?m)^ *#.*", ""));
    List<String> paths = path.results().map(found -> found.group()).toList();
    assertThat(paths)
        .hasSizeGreaterThan(4)
        .allMatch(relative -> Files.exists(ROOT.resolve("docker").resolve(relative)));
  }

  @Test
  void theBrokerHoldsDeliveriesAsLongAsTheQueuesSay() throws IOException {
    assertThat(text("ops/docker/rabbitmq.conf"))
        .contains("consumer_timeout = " + Topology.HELD_MAX.toMillis() + "\n");
  }

  @Test
  void imagesRunAsNobodyInParticularAndHearTheirSignals() throws IOException {
    String dockerfile = text("ops/docker/Dockerfile");
    for (String name : OURS) {
      String stage = dockerfile.substring(dockerfile.indexOf(" AS " + name + "\n"));
      int end = stage.indexOf("\nFROM ");
      assertThat(end < 0 ? stage : stage.substring(0, end))
          .as(name)
          .contains("USER ktrdr\n", "\nHEALTHCHECK ", "\nENTRYPOINT [\"java\", ")
          .contains("org.opencontainers.image.version", "org.opencontainers.image.revision");
    }
    assertThat(dockerfile).contains("--uid 10001");
  }

  @Test
  void scriptsCanBeRun() {
    assertThat(
            List.of(
                "ktrdr",
                "ops/compose-check",
                "ops/docker/make-secrets",
                "ops/docker/prepare-jvm",
                "ops/docker/ktrdr"))
        .allMatch(script -> Files.isExecutable(ROOT.resolve(script)));
  }

  private static String text(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  private static Map<String, Object> load(String file) throws IOException {
    return map(new Yaml().load(text(file)));
  }

  private static Map<String, Map<String, Object>> services(String file) throws IOException {
    return map(load(file).get("services")).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> map(entry.getValue())));
  }

  private static Map<String, String> environment(Map<String, Object> service) {
    return map(service.getOrDefault("environment", Map.of())).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    assertThat(value).isInstanceOf(Map.class);
    return (Map<String, Object>) value;
  }

  private static int seconds(Object duration) {
    return Integer.parseInt(duration.toString().replaceFirst("s$", ""));
  }
}
