package io.ktrdr.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FaultTableTest {

  @TempDir Path folder;

  @Test
  void measuredFaultsAreSortedByRowAndAFailureIsNotHidden() throws IOException {
    write(12, 28.4, 30, true);
    write(10, 7, 5, false);
    FaultTable table = FaultTable.read(folder);
    assertThat(table.faults()).extracting(FaultTable.Measured::row).containsExactly(10, 12);
    assertThat(table.forTerminal()).contains("FAIL", "28.40 s", "1 of 2 within their bounds");
    assertThat(table.markdown(LocalDate.of(2026, 1, 2), "2 cores"))
        .contains("2026-01-02", "2 cores", "| 12 | fault 12 | seen | 28.40 | 30.0 |");
  }

  @Test
  void withoutResultsTheTableIsEmpty() throws IOException {
    assertThat(FaultTable.read(folder.resolve("none")).faults()).isEmpty();
  }

  @Test
  void machineIsNamedAsItsDistributionDoes() throws IOException {
    Path release = folder.resolve("os-release");
    Files.writeString(release, "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    assertThat(ChaosCommand.operatingSystem(release)).isEqualTo("Debian GNU/Linux 12 (bookworm)");
    assertThat(ChaosCommand.operatingSystem(folder.resolve("none"))).isNotBlank();
  }

  private void write(int row, double seconds, double bound, boolean passed) throws IOException {
    Files.writeString(
        folder.resolve(row + ".json"),
        """
        {"row": %d, "test": "T", "fault": "fault %d", "outcome": "seen",
         "measured_seconds": %s, "bound_seconds": %s, "passed": %s}
        """
            .formatted(row, row, seconds, bound, passed));
  }
}
