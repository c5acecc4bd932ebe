package io.ktrdr.example;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Estimates π: of points that fall at random into a square, the share within its circle is π/4.
 *
 * <p>Parameters: {@code samples}, how many points, and {@code seed}, of their positions. A
 * cancelled estimate keeps what it has. Stateless, for one run at a time or many.
 */
public final class PiHandler implements OperationHandler<OperationSpec.Job> {

  /** Points of one step, some milliseconds of work: a stop waits no longer than that. */
  private static final long STEP = 1_000_000;

  private static final long SAMPLES_MAX = 1_000_000_000_000L;

  @Override
  public Class<OperationSpec.Job> specType() {
    return OperationSpec.Job.class;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Codes: PARAM_RANGE.
   */
  @Override
  public OperationResult run(OperationSpec.Job spec, RunContext context)
      throws InterruptedException {
    long samples = parameter(spec, "samples", 1, SAMPLES_MAX);
    long seed = parameter(spec, "seed", Long.MIN_VALUE, Long.MAX_VALUE);
    State state = context.latestCheckpoint().map(State::read).orElse(new State(0, 0, seed));
    while (state.samples < samples) {
      State reached = state.after(Math.min(STEP, samples - state.samples));
      context.report(reached.progress(samples));
      context.onStop(() -> Optional.of(reached.result()));
      context.checkpoint(reached::bytes);
      state = reached;
    }
    return state.result();
  }

  /** Only the handler knows its parameters, so it is the handler that refuses them. */
  private static long parameter(OperationSpec.Job spec, String name, long min, long max) {
    JsonNode value = spec.parameters().path(name);
    if (value.canConvertToExactIntegral() && value.canConvertToLong()) {
      long number = value.longValue();
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw OperationFailedException.permanent(
        "PARAM_RANGE",
        "%s is %s, expected a whole number from %d to %d"
            .formatted(name, value.isMissingNode() ? "missing" : value, min, max));
  }

  /** All there is to go on from: points so far, those in the circle, and where chance stands. */
  private record State(long samples, long hits, long random) {

    static State read(byte[] checkpoint) {
      ByteBuffer bytes = ByteBuffer.wrap(checkpoint);
      return new State(bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    byte[] bytes() {
      return ByteBuffer.allocate(3 * Long.BYTES)
          .putLong(samples)
          .putLong(hits)
          .putLong(random)
          .array();
    }

    State after(long more) {
      SplittableRandom chance = new SplittableRandom(random);
      long found = 0;
      for (long i = 0; i < more; i++) {
        double x = chance.nextDouble();
        double y = chance.nextDouble();
        if (x * x + y * y < 1) {
          found++;
        }
      }
      return new State(samples + more, hits + found, chance.nextLong());
    }

    Progress progress(long total) {
      return new Progress(
          100.0 * samples / total,
          "Point %d/%d".formatted(samples, total),
          0,
          0,
          samples,
          total,
          null,
          Map.of("estimate", estimate()));
    }

    OperationResult result() {
      return new OperationResult(
          Json.mapper().createObjectNode().put("estimate", estimate()).put("samples", samples),
          List.of());
    }

    private double estimate() {
      return 4.0 * hits / samples;
    }
  }
}
