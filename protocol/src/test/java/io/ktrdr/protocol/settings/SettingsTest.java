package io.ktrdr.protocol.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.settings.Settings.Entry;
import io.ktrdr.protocol.settings.Settings.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsTest {

  private static final Settings NOTHING = new Settings(Map.of());

  @Test
  void whatIsNotSetOrBlankIsAbsent() {
    assertThat(NOTHING.text("WORKER_ID")).isEmpty();
    assertThat(NOTHING.number("WORKER_PORT", 5003, 1, 65_535)).isEqualTo(5003);
    assertThat(NOTHING.logLevel()).isEqualTo("INFO");
    assertThat(of("WORKER_ID", "  ").text("WORKER_ID", "host")).isEqualTo("host");
  }

  @Test
  void valuesAreReadByTheirType() {
    assertThat(of("WORKER_PORT", " 6000 ").number("WORKER_PORT", 1, 65_535)).contains(6000);
    assertThat(of("WORKER_MEMORY_GB", "15.5").decimal("WORKER_MEMORY_GB", 0, 100)).contains(15.5);
    assertThat(of("WORKER_GPU", "TRUE").flag("WORKER_GPU")).contains(true);
    assertThat(of("LOG_LEVEL", "warning").logLevel()).isEqualTo("WARNING");
    assertThat(of("KTRDR_API_URL", "http://backend:8000/").url("KTRDR_API_URL"))
        .contains(URI.create("http://backend:8000"));
    assertThat(
            of("KTRDR_WORKER_STOP_GRACE_SECONDS", "90")
                .seconds("KTRDR_WORKER_STOP_GRACE_SECONDS", Duration.ZERO, 0, 100))
        .isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void everyMistakeIsOneSentence() {
    complains(
        () -> NOTHING.required("KTRDR_API_URL"), "KTRDR_API_URL environment variable is required");
    complains(
        () -> of("WORKER_PORT", "70000").number("WORKER_PORT", 1, 65_535),
        "WORKER_PORT is 70000, expected 1 to 65535");
    complains(
        () -> of("WORKER_PORT", "http").number("WORKER_PORT", 1, 65_535),
        "WORKER_PORT is 'http', not a number");
    complains(
        () -> of("WORKER_MEMORY_GB", "NaN").decimal("WORKER_MEMORY_GB", 0.5, 100),
        "WORKER_MEMORY_GB is NaN, expected 0.5 to 100.0");
    complains(
        () -> of("WORKER_GPU", "1").flag("WORKER_GPU"),
        "WORKER_GPU is '1', expected one of true, false");
    complains(
        () -> of("LOG_LEVEL", "LOUD").logLevel(),
        "LOG_LEVEL is 'LOUD', expected one of DEBUG, INFO, WARNING, ERROR");
    for (String wrong : new String[] {"backend:8000", "ftp://backend", "http://", "http://a b"}) {
      complains(
          () -> of("KTRDR_API_URL", wrong).url("KTRDR_API_URL"),
          "KTRDR_API_URL is '%s', expected http://host:port".formatted(wrong));
    }
  }

  @Test
  void theLongerNameIsAsGoodAsTheShortOneWhichWins() {
    Settings settings = of("KTRDR_WORKER_ID", "long");
    assertThat(settings.text("WORKER_ID")).contains("long");
    assertThat(settings.entries())
        .containsExactly(
            new Entry("WORKER_ID", "long", Source.ENVIRONMENT, "KTRDR_WORKER_ID", false));
    assertThat(settings.warnings()).isEmpty();
    complains(
        () -> of("KTRDR_WORKER_PORT", "x").number("WORKER_PORT", 1, 2),
        "KTRDR_WORKER_PORT is 'x', not a number");

    Settings both = new Settings(Map.of("WORKER_ID", "short", "KTRDR_WORKER_ID", "long"));
    assertThat(both.text("WORKER_ID")).contains("short");
    assertThat(both.warnings())
        .containsExactly("WORKER_ID and KTRDR_WORKER_ID are both set, WORKER_ID is taken");
  }

  @Test
  void aSecretMayComeFromAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("url"), "amqp://u:p@broker:5672/\n");
    Settings settings = of("RABBITMQ_URL_FILE", file.toString());
    assertThat(settings.required("RABBITMQ_URL")).isEqualTo("amqp://u:p@broker:5672/");
    assertThat(settings.entries())
        .containsExactly(
            new Entry(
                "RABBITMQ_URL", "amqp://u:***@broker:5672/", Source.FILE, file.toString(), true));
    assertThat(settings.warnings()).isEmpty();

    Map<String, String> both = Map.of("RABBITMQ_URL", "x", "RABBITMQ_URL_FILE", file.toString());
    complains(
        () -> new Settings(both).text("RABBITMQ_URL"),
        "RABBITMQ_URL and RABBITMQ_URL_FILE are both set, expected one of them");
    assertThatThrownBy(() -> of("DATABASE_URL_FILE", folder + "/none").text("DATABASE_URL"))
        .hasMessageStartingWith("DATABASE_URL_FILE is '%s/none', which cannot be read", folder);
    Path empty = Files.createFile(folder.resolve("empty"));
    complains(
        () -> of("DATABASE_URL_FILE", empty.toString()).text("DATABASE_URL"),
        "DATABASE_URL_FILE is '%s', which is empty".formatted(empty));
  }

  @Test
  void variablesThatMeanNothingAreNamedWithTheNearestThatDoes() {
    Settings settings =
        new Settings(
            Map.of(
                "WORKER_PROT", "5003",
                "KTRDR_BACKTESTING_ATTEMPTS", "4",
                "KTRDR_SOMETHING_ELSE_ALTOGETHER", "1",
                "KTRDR_API_PORT", "8000",
                "KTRDR_TRAINING_ATTEMPTS_MAX", "3",
                "KTRDR_WORKER_ENDPOINT_URL", "http://a:1",
                "KTRDR_ADVERTISED_RABBITMQ_URL_FILE", "/run/secrets/broker",
                "HOME", "/root"));
    assertThat(settings.warnings())
        .containsExactly(
            "unknown variable KTRDR_BACKTESTING_ATTEMPTS,"
                + " did you mean KTRDR_BACKTESTING_ATTEMPTS_MAX?",
            "unknown variable KTRDR_SOMETHING_ELSE_ALTOGETHER",
            "unknown variable WORKER_PROT, did you mean WORKER_PORT?");
  }

  @Test
  void settingsOfJobTypesAreKnownWhenTheTypeIs() {
    Map<String, String> environment = Map.of("KTRDR_SWEEPING_ATTEMPTS_MAX", "1");
    assertThat(new Settings(environment).warnings()).hasSize(1);
    Map<String, String> withType =
        Map.of("KTRDR_SWEEPING_ATTEMPTS_MAX", "1", "KTRDR_JOB_TYPES", "mining, sweeping");
    assertThat(new Settings(withType).warnings()).isEmpty();
  }

  @Test
  void theTableShowsWhatWasReadFromWhereAndNoPassword() {
    Settings settings =
        new Settings(
            Map.of(
                "DATABASE_URL", "postgresql://ktrdr:s3:cr@t@db:5432/ktrdr?password=again",
                "KTRDR_WORKER_ID", "w1",
                "WORKER_PROT", "1"));
    settings.text("DATABASE_URL");
    settings.text("RABBITMQ_URL");
    settings.text("WORKER_ID");
    settings.number("WORKER_PORT", 5003, 1, 65_535);
    settings.detected("WORKER_CORES", 4);
    assertThat(settings.table())
        .isEqualTo(
            """
            NAME          VALUE                                              SOURCE
            DATABASE_URL  postgresql://ktrdr:***@db:5432/ktrdr?password=***  environment
            RABBITMQ_URL  -                                                  default
            WORKER_ID     w1                                                 environment KTRDR_WORKER_ID
            WORKER_PORT   5003                                               default
            WORKER_CORES  4                                                  detected
            warning: unknown variable WORKER_PROT, did you mean WORKER_PORT?
            """);
    assertThat(Masked.of("just-a-password", true)).isEqualTo("***");
  }

  @Test
  void aNameThatIsNotListedCannotBeRead() {
    assertThatThrownBy(() -> NOTHING.text("WORKER_SHOE_SIZE"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void programsKnowOneArgument() {
    assertThat(Settings.asksForTable()).isFalse();
    assertThat(Settings.asksForTable("--print-config")).isTrue();
    complains(
        () -> Settings.asksForTable("--port=1"),
        "unknown argument '--port=1', the only one is --print-config");
  }

  private static Settings of(String name, String value) {
    return new Settings(Map.of(name, value));
  }

  private static void complains(ThrowingCallable reading, String sentence) {
    assertThatThrownBy(reading).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
