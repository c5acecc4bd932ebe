package io.ktrdr.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.Capabilities.Gpu;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CapabilitiesTest {

  @Test
  void withoutAGpuNothingIsSaidOfIt() {
    assertThat(new Capabilities(4, 8, Optional.empty()).json())
        .hasToString("{\"cores\":4,\"memory_gb\":8,\"gpu\":false}");
  }

  @Test
  void aGpuIsDescribedAsFarAsItIsKnown() throws Exception {
    Capabilities known =
        new Capabilities(16, 62.713, Optional.of(new Gpu("CUDA", 2, Optional.of(24.0))));
    assertThat(Json.mapper().writeValueAsString(known))
        .isEqualTo(
            "{\"cores\":16,\"memory_gb\":62.71,\"gpu\":true,"
                + "\"gpu_type\":\"CUDA\",\"gpu_count\":2,\"gpu_memory_gb\":24}");
    assertThat(new Capabilities(8, 16, Optional.of(new Gpu("MPS", 1, Optional.empty()))).json())
        .hasToString(
            "{\"cores\":8,\"memory_gb\":16,\"gpu\":true,\"gpu_type\":\"MPS\",\"gpu_count\":1}");
  }
}
