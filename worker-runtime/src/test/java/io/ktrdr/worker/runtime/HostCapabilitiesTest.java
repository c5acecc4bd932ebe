package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.Capabilities.Gpu;
import io.ktrdr.protocol.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a program of that name on the path which answers as the real one does. */
final class HostCapabilitiesTest {

  private static final String TWO_CARDS =
      "echo 'NVIDIA A100, PCIe, 40536'; echo 'NVIDIA RTX 4090, 24564'";

  @TempDir private Path folder;

  @Test
  void coresAndMemoryAreThoseOfThisHostOrContainer() {
    Settings settings = new Settings(Map.of());
    Capabilities found = HostCapabilities.of(settings);
    assertThat(found.cores()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(found.memoryGb()).isBetween(0.1, 65_536.0);
    assertThat(found.gpu()).isEmpty();
    assertThat(settings.entries())
        .filteredOn(entry -> entry.source() == Settings.Source.DETECTED)
        .extracting(Settings.Entry::name)
        .containsExactly("WORKER_CORES", "WORKER_MEMORY_GB", "WORKER_GPU");
  }

  @Test
  void settingsOverruleWhatWasFound() throws IOException {
    Capabilities set =
        with(
            TWO_CARDS,
            Map.of(
                "WORKER_CORES", "8",
                "WORKER_MEMORY_GB", "16",
                "WORKER_GPU_TYPE", "ROCm",
                "WORKER_GPU_COUNT", "1",
                "WORKER_GPU_MEMORY_GB", "12.5"));
    assertThat(set)
        .isEqualTo(new Capabilities(8, 16, Optional.of(new Gpu("ROCm", 1, Optional.of(12.5)))));
  }

  @Test
  void gpusAreCountedAndTheSmallestMemoryCounts() throws IOException {
    assertThat(with(TWO_CARDS, Map.of()).gpu()).contains(new Gpu("CUDA", 2, Optional.of(23.99)));
  }

  @Test
  void aGpuCanBeDenied() throws IOException {
    assertThat(with(TWO_CARDS, Map.of("WORKER_GPU", "false")).gpu()).isEmpty();
  }

  @Test
  void aGpuThatIsNotFoundCanBeClaimed() throws IOException {
    Map<String, String> claimed = Map.of("WORKER_GPU", "true", "WORKER_GPU_TYPE", "MPS");
    assertThat(with("echo 'No devices were found'; exit 6", claimed).gpu())
        .contains(new Gpu("MPS", 1, Optional.empty()));
  }

  @Test
  void aProgramThatFailsOrTalksOfOtherThingsFindsNone() throws IOException {
    assertThat(with("echo 'driver mismatch, 12'; exit 9", Map.of()).gpu()).isEmpty();
    assertThat(with("echo 'welcome'", Map.of()).gpu()).isEmpty();
  }

  @Test
  void aProgramThatDoesNotAnswerIsNotWaitedForLong() throws IOException {
    long begun = System.nanoTime();
    assertThat(with("sleep 600", Map.of()).gpu()).isEmpty();
    assertThat(System.nanoTime() - begun)
        .isBetween(
            HostCapabilities.PROBE_LIMIT.toNanos(), 6 * HostCapabilities.PROBE_LIMIT.toNanos());
  }

  private Capabilities with(String script, Map<String, String> settings) throws IOException {
    Path program = folder.resolve("nvidia-smi");
    Files.deleteIfExists(program);
    Files.createFile(
        program,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Map<String, String> all = new HashMap<>(settings);
    all.put("PATH", "/nonexistent::" + folder);
    return HostCapabilities.of(new Settings(all));
  }
}
