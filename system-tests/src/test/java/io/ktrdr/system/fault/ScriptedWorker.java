package io.ktrdr.system.fault;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.runtime.WorkerMain;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A real worker process whose operations follow a {@link Script} instead of computing anything. Its
 * result depends on every step, so that a step lost or done twice changes the bytes.
 */
public final class ScriptedWorker implements OperationHandler<OperationSpec.Backtest> {

  /** Milliseconds of one step. */
  static final String STEP_MS = "KTRDR_SCRIPT_STEP_MS";

  private static final int EXIT_KILLED = 137;

  private ScriptedWorker() {}

  /** Runs until told to stop, as the product's workers do. */
  public static void main(String[] arguments) {
    WorkerMain.run(OperationType.BACKTESTING, ScriptedWorker::new);
  }

  @Override
  public Class<OperationSpec.Backtest> specType() {
    return OperationSpec.Backtest.class;
  }

  @Override
  public OperationResult run(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    int steps = (int) ChronoUnit.DAYS.between(spec.startDate(), spec.endDate());
    return play(Script.of((int) spec.initialCapital()), steps, context);
  }

  /** A file in the folder of the processes' logs: the operation's steps take no time any more. */
  static String hurryFile(String operationId) {
    return operationId + ".hurry";
  }

  private static Path hurry(RunContext context) {
    Path log = Path.of(System.getProperty("ktrdr.process", ""));
    return log.resolveSibling(hurryFile(context.operationId().value()));
  }

  /** Does the steps of a script, as long as it lets it. */
  static OperationResult play(Script script, int steps, RunContext context)
      throws InterruptedException {
    long stepMillis = Long.parseLong(System.getenv().getOrDefault(STEP_MS, "25"));
    Path hurry = hurry(context);
    String state = "";
    for (int step = 1; step <= steps; step++) {
      context.throwIfStopped();
      if (stepMillis > 0 && Files.exists(hurry)) {
        stepMillis = 0;
      }
      if (stepMillis > 0) {
        TimeUnit.MILLISECONDS.sleep(stepMillis);
      }
      if (step == (steps + 1) / 2) {
        misbehave(script, context);
      }
      state = digest(state + step);
      context.report(Progress.of(100.0 * step / steps, "Step %d/%d".formatted(step, steps)));
    }
    return new OperationResult(
        Json.mapper().createObjectNode().put("steps", steps).put("state", state),
        List.of(context.storeArtifact("trace", state.getBytes(StandardCharsets.UTF_8))));
  }

  /** What an operation of that many steps has to come to, whatever happened on the way. */
  static String stateAfter(int steps) {
    String state = "";
    for (int step = 1; step <= steps; step++) {
      state = digest(state + step);
    }
    return state;
  }

  private static void misbehave(Script script, RunContext context) throws InterruptedException {
    switch (script) {
      case STEPS -> {}
      case CRASH -> Runtime.getRuntime().halt(EXIT_KILLED);
      case CRASH_ONCE -> {
        if (context.attempt() == 1) {
          Runtime.getRuntime().halt(EXIT_KILLED);
        }
      }
      case TRANSIENT -> {
        if (context.attempt() < 3) {
          throw new OperationFailedException(
              "SCRIPTED_TRANSIENT", "attempt %d fails".formatted(context.attempt()), true, null);
        }
      }
      case PERMANENT -> throw OperationFailedException.permanent("SCRIPTED", "fails for good");
      case HANG -> {
        while (true) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
          boolean _ = Thread.interrupted();
        }
      }
      case SILENT -> {
        while (true) {
          context.throwIfStopped();
          TimeUnit.MILLISECONDS.sleep(10);
        }
      }
    }
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
