package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.settings.SettingNames;
import io.ktrdr.protocol.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ApiConfigTest {

  private static final Map<String, String> LEAST =
      Map.of(
          "DATABASE_URL", "postgresql://ktrdr:secret@db:5432/ktrdr",
          "RABBITMQ_URL", "amqp://ktrdr:secret@broker:5672/");

  @Test
  void readsExactlyTheSettingsThatAreListedAndShowsNoPassword() {
    Settings settings = new Settings(LEAST);
    ApiConfig config = ApiConfig.of(settings);
    assertThat(config.port()).isEqualTo(8000);
    assertThat(config.advertisedDatabaseUrl()).isEqualTo(LEAST.get("DATABASE_URL"));
    assertThat(settings.logLevel()).isEqualTo("INFO");
    assertThat(settings.logsJson()).isFalse();
    assertThat(settings.telemetry()).isFalse();
    assertThat(settings.entries())
        .extracting(entry -> entry.name().replaceFirst("BACKTESTING|TRAINING", "<TYPE>"))
        .containsOnlyOnceElementsOf(
            SettingNames.API.stream().filter(n -> !n.contains("<")).toList())
        .containsAll(SettingNames.API)
        .allMatch(SettingNames.API::contains);
    assertThat(settings.table()).doesNotContain("secret").contains("amqp://ktrdr:***@broker");
  }

  @Test
  void mistakesAreOneSentenceWithoutThePassword() {
    assertThatThrownBy(() -> ApiConfig.of(new Settings(Map.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DATABASE_URL environment variable is required");
    assertThatThrownBy(() -> with("KTRDR_API_PORT", "tcp://10.0.0.1:8000"))
        .hasMessage("KTRDR_API_PORT is 'tcp://10.0.0.1:8000', not a number");
    assertThatThrownBy(() -> with("KTRDR_TRAINING_RUN_TIMEOUT_SECONDS", "604801"))
        .hasMessage("KTRDR_TRAINING_RUN_TIMEOUT_SECONDS is 604801, expected 0 to 604800");
    assertThatThrownBy(() -> with("DATABASE_URL", "postgresql://ktrdr:my secret@db/ktrdr"))
        .hasMessageContaining("expected postgresql://user:password@host:port/database")
        .hasMessageNotContaining("secret@");
  }

  private static void with(String name, String value) {
    Map<String, String> environment = new HashMap<>(LEAST);
    environment.put(name, value);
    assertThat(ApiConfig.of(new Settings(environment))).isNotNull();
  }
}
