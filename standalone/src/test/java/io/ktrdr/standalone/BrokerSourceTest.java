package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerSourceTest {

  @TempDir Path machine;

  @Test
  void anInstalledBrokerWinsOverPackagesAndDocker() {
    Path sbin = Path.of("/usr/lib/rabbitmq/bin");

    assertThat(BrokerSource.choose(Optional.of(sbin), true, () -> true))
        .isEqualTo(new BrokerSource.Installed(sbin));
    assertThat(BrokerSource.choose(Optional.empty(), true, () -> true))
        .isEqualTo(new BrokerSource.DebianPackages());
    assertThat(BrokerSource.choose(Optional.empty(), false, () -> true))
        .isEqualTo(new BrokerSource.DockerImage("rabbitmq:4-management"));
  }

  @Test
  void withoutAnyTheMessageSaysWhatToInstall() {
    assertThatThrownBy(() -> BrokerSource.choose(Optional.empty(), false, () -> false))
        .isInstanceOf(StandaloneException.class)
        .hasMessageContaining("brew install rabbitmq")
        .hasMessageContaining("dnf install rabbitmq-server")
        .hasMessageContaining("RABBITMQ_URL=");
  }

  @Test
  void findsTheScriptOfAnInstallationButNotAMissingOrUnrunnableOne() throws IOException {
    assertThat(BrokerSource.installation(machine)).isEmpty();
    Path sbin = Files.createDirectories(machine.resolve("opt/rabbitmq_server-4.1.2/sbin"));
    Path script = Files.writeString(sbin.resolve("rabbitmq-server"), "#!/bin/sh\n");
    assertThat(BrokerSource.installation(machine)).isEmpty();

    assertThat(script.toFile().setExecutable(true)).isTrue();

    assertThat(BrokerSource.installation(machine)).contains(sbin);
  }

  @Test
  void aContainerListensOnTheLoopbackOnlyAndItsPasswordIsNotInTheCommand() {
    RabbitPorts ports = new RabbitPorts(1001, 1002, 1003, 1004, 1005);

    assertThat(RabbitContainer.command("n", ports, "image:1"))
        .contains("127.0.0.1:1001:5672", "127.0.0.1:1002:15672", "image:1")
        .noneMatch(word -> word.contains("default_pass"));
  }

  @Test
  void readsThePackagesAptWouldFetch() {
    String listing =
        """
        'http://deb.example/pool/e/erlang-base_25.2.3%2bdfsg-1_amd64.deb' erlang-base_1%3a25.2.3+dfsg-1_amd64.deb 9697280 MD5Sum:367c
        Reading package lists...
        'http://deb.example/pool/r/rabbitmq-server_3.10.8_all.deb' rabbitmq-server_3.10.8_all.deb 14930220 MD5Sum:9aab
        """;

    assertThat(DebianBroker.packages(listing))
        .containsExactly(
            new DebianBroker.DebPackage("erlang-base", 9697280),
            new DebianBroker.DebPackage("rabbitmq-server", 14930220));
  }

  @Test
  void anErlangOfTheSystemIsHiddenFromApt() {
    String status =
        "Package: libc6\nStatus: ok\n\nPackage: erlang-base\nStatus: ok\n\nPackage: zlib1g\n";

    assertThat(DebianBroker.statusWithoutErlang(status))
        .contains("libc6", "zlib1g")
        .doesNotContain("erlang");
  }

  @Test
  void theBrokersOwnTimerIsFarAboveAnyOperation() {
    String conf = RabbitNode.configuration(new RabbitPorts(1, 2, 3, 4, 5), "secret");

    assertThat(conf)
        .contains("consumer_timeout = 691200000")
        .contains("listeners.tcp.1 = 127.0.0.1:1")
        .contains("default_pass = secret");
  }
}
