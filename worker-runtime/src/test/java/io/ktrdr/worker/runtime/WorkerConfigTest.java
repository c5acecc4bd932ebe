package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.settings.SettingNames;
import io.ktrdr.protocol.settings.Settings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WorkerConfigTest {

  private static final Map<String, String> LEAST =
      Map.of("KTRDR_API_URL", "http://backend:8000", "WORKER_ID", "w1");

  @Test
  void onlyTheApiUrlIsRequired() {
    assertThatThrownBy(() -> WorkerConfig.fromEnvironment(OperationType.TRAINING, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("KTRDR_API_URL environment variable is required");
  }

  @Test
  void defaultsAreTheGuides() {
    WorkerConfig backtest = WorkerConfig.fromEnvironment(OperationType.BACKTESTING, LEAST);
    WorkerConfig training = WorkerConfig.fromEnvironment(OperationType.TRAINING, LEAST);
    assertThat(backtest.port()).isEqualTo(5003);
    assertThat(training.port()).isEqualTo(5004);
    assertThat(training.stopGrace()).isEqualTo(Duration.ofMinutes(2));
    assertThat(training.checkpointInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(training.clockOffset()).isZero();
    assertThat(training.portChosen()).isFalse();
    assertThat(training.cacheBytesMax()).isEqualTo(2_048L << 20);
  }

  @Test
  void readsExactlyTheSettingsThatAreListed() {
    Settings settings = new Settings(LEAST);
    assertThat(WorkerConfig.of(OperationType.TRAINING, settings).workerId()).hasToString("w1");
    assertThat(settings.logLevel()).isEqualTo("INFO");
    assertThat(settings.logsJson()).isFalse();
    assertThat(settings.telemetry()).isFalse();
    assertThat(settings.entries())
        .extracting(Settings.Entry::name)
        .containsExactlyInAnyOrderElementsOf(SettingNames.WORKER);
  }

  @Test
  void typeIsTheProgramsOwnInAnyCase() {
    with("WORKER_TYPE", "BackTesting");
    assertThatThrownBy(() -> with("WORKER_TYPE", "backtest"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "WORKER_TYPE is 'backtest', but this program is a worker of type backtesting"
                + " (valid types: backtesting, training)");
    assertThatThrownBy(() -> with("KTRDR_WORKER_TYPE", "training"))
        .hasMessageContaining("is a worker of type backtesting");
  }

  @Test
  void idIsTheHostsNameUnlessOneIsGiven() throws Exception {
    Settings settings = new Settings(Map.of("KTRDR_API_URL", "http://backend:8000"));
    String host = InetAddress.getLocalHost().getHostName();
    assertThat(WorkerConfig.of(OperationType.TRAINING, settings).workerId()).hasToString(host);
    assertThat(settings.entries())
        .contains(new Settings.Entry("WORKER_ID", host, Settings.Source.DETECTED, "", false));
  }

  @Test
  void wrongValuesAreNamed() {
    assertThatThrownBy(() -> with("WORKER_PORT", "70000"))
        .hasMessage("WORKER_PORT is 70000, expected 1 to 65535");
    assertThatThrownBy(() -> with("WORKER_PORT", "http"))
        .hasMessage("WORKER_PORT is 'http', not a number");
    assertThatThrownBy(() -> with("KTRDR_CLOCK_OFFSET_SECONDS", "90000"))
        .hasMessage("KTRDR_CLOCK_OFFSET_SECONDS is 90000, expected -86400 to 86400");
    assertThatThrownBy(() -> with("KTRDR_API_URL", "backend:8000"))
        .hasMessageContaining("expected http://host:port");
    assertThatThrownBy(() -> with("KTRDR_API_URL", "http://my_api:8000"))
        .hasMessageContaining("a host name of letters, digits, dots and dashes");
    assertThatThrownBy(() -> with("WORKER_ENDPOINT_URL", "10.0.0.7:5003"))
        .hasMessage("WORKER_ENDPOINT_URL is '10.0.0.7:5003', expected http://host:port");
    assertThatThrownBy(() -> with("WORKER_ID", "a b")).hasMessageStartingWith("WORKER_ID is not a");
  }

  private static void with(String name, String value) {
    Map<String, String> environment = new java.util.HashMap<>(LEAST);
    environment.put(name, value);
    WorkerConfig config = WorkerConfig.fromEnvironment(OperationType.BACKTESTING, environment);
    assertThat(config).isNotNull();
  }
}
