package io.ktrdr.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.testkit.InMemoryRun;
import io.ktrdr.worker.testkit.JobHandlerContract;
import org.junit.jupiter.api.Test;

final class PiHandlerTest implements JobHandlerContract<OperationSpec.Job> {

  private final InMemoryRun run = new InMemoryRun("op_pi_20260101_000000_abc12345");

  @Override
  public OperationHandler<OperationSpec.Job> handler() {
    return new PiHandler();
  }

  @Override
  public OperationSpec.Job spec(InMemoryRun unused) {
    return job(parameters().put("samples", 9_500_000).put("seed", 7));
  }

  @Test
  void theEstimateIsCloseToPi() throws InterruptedException {
    ObjectNode values = handler().run(spec(run), run).values();

    assertThat(values.path("estimate").doubleValue()).isCloseTo(Math.PI, within(0.002));
    assertThat(values.path("samples").longValue()).isEqualTo(9_500_000);
  }

  @Test
  void refusesParametersItCannotUse() {
    assertRefused(parameters().put("seed", 7), "samples is missing");
    assertRefused(parameters().put("samples", 0).put("seed", 7), "samples is 0, expected");
    assertRefused(parameters().put("samples", 1.5).put("seed", 7), "samples is 1.5, expected");
    assertRefused(parameters().put("samples", 1).put("seed", "x"), "seed is \"x\", expected");
  }

  private void assertRefused(ObjectNode parameters, String message) {
    assertThatThrownBy(() -> handler().run(job(parameters), run))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("PARAM_RANGE");
              assertThat(e.failure().retryable()).isFalse();
              assertThat(e.failure().message()).contains(message);
            });
  }

  private static OperationSpec.Job job(ObjectNode parameters) {
    return new OperationSpec.Job(OperationType.parse("pi"), parameters);
  }

  private static ObjectNode parameters() {
    return Json.mapper().createObjectNode();
  }
}
