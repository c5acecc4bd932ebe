package io.ktrdr.protocol.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrustTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void aFileThatHoldsNoCertificateIsRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("ca.crt"), "");
    for (Path wrong : new Path[] {file, folder.resolve("missing.crt")}) {
      assertThatThrownBy(() -> Trust.of(new Settings(Map.of("KTRDR_CA_FILE", wrong.toString()))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("KTRDR_CA_FILE is '" + wrong);
    }
  }

  @Test
  void withoutASettingItIsTheJvms() {
    assertThat(Trust.of(new Settings(Map.of())).file()).isEmpty();
  }

  @Test
  void otherFailuresAreNotBlamedOnCertificates() {
    assertThat(Trust.complaint(new IOException("Connection refused"))).isEmpty();
    SSLHandshakeException wrongHost = new SSLHandshakeException("(certificate_unknown)");
    wrongHost.initCause(new CertificateException("No name matching b found"));
    assertThat(Trust.complaint(new IOException(wrongHost)))
        .hasValueSatisfying(text -> assertThat(text).contains("for another host", "b found"));
  }
}
