package io.ktrdr.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessSettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
  void nobodyIsAskedForATokenOnLoopback(String host) {
    AccessSettings settings = of(host, Map.of());
    assertThat(settings.tokensFile()).isEmpty();
    assertThat(settings.warning()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "no-such-host.invalid"})
  void everywhereElseATokenIsAskedForUnlessItIsPutOff(String host) {
    assertThatThrownBy(() -> of(host, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "KTRDR_AUTH is on", host, "KTRDR_TOKENS_FILE is not set", "ktrdr tokens create");
    Map<String, String> file = Map.of("KTRDR_TOKENS_FILE", "t.txt");
    assertThat(of(host, file).tokensFile()).hasValue(Path.of("t.txt"));
    assertThat(of(host, file).warning()).isEmpty();

    Map<String, String> off = Map.of("KTRDR_AUTH", "off", "KTRDR_TOKENS_FILE", "t.txt");
    assertThat(of(host, off).tokensFile()).isEmpty();
    assertThat(of(host, off).warning())
        .hasValueSatisfying(
            text -> assertThat(text).contains("KTRDR_AUTH is off", "passwords", "KTRDR_AUTH=on"));
  }

  @Test
  void aTokenCanBeAskedForOnLoopbackToo() {
    Map<String, String> on = new HashMap<>(Map.of("KTRDR_AUTH", "On"));
    assertThatThrownBy(() -> of("127.0.0.1", on)).hasMessageContaining("KTRDR_TOKENS_FILE");
    on.put("KTRDR_TOKENS_FILE", "t.txt");
    assertThat(of("127.0.0.1", on).tokensFile()).hasValue(Path.of("t.txt"));
    assertThatThrownBy(() -> of("127.0.0.1", Map.of("KTRDR_AUTH", "yes")))
        .hasMessage("KTRDR_AUTH is 'yes', expected on or off");
  }

  @Test
  void limitsAreWideWhereOneAddressIsEverybody() {
    assertThat(of("127.0.0.1", Map.of()).changesPerSecond()).isEqualTo(10_000);
    Map<String, String> on = Map.of("KTRDR_AUTH", "on", "KTRDR_TOKENS_FILE", "t.txt");
    assertThat(of("127.0.0.1", on).changesPerSecond()).isEqualTo(100);
    assertThat(of("127.0.0.1", on).badTokensPerMinute()).isEqualTo(30);
    assertThat(of("127.0.0.1", Map.of("KTRDR_RATE_LIMIT_CHANGES_PER_SECOND", "0")))
        .isEqualTo(new AccessSettings(Optional.empty(), false, 0, 30));
    assertThatThrownBy(
            () -> of("127.0.0.1", Map.of("KTRDR_RATE_LIMIT_BAD_TOKENS_PER_MINUTE", "-1")))
        .hasMessageContaining("expected 0 to");
  }

  private static AccessSettings of(String host, Map<String, String> environment) {
    return AccessSettings.of(new Settings(environment), host);
  }
}
