package io.ktrdr.system.fault;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * Hands each {@link Fault} its {@link Recovery}, holds the figure against the bound and writes it
 * to {@code target/faults/<row>-<test>.json}; says a line for {@code ./ktrdr chaos}.
 */
final class FaultReport implements AfterTestExecutionCallback, ParameterResolver {

  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(FaultReport.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Recovery.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return recoveryOf(context);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    if (context
        .getExecutionException()
        .filter(TestAbortedException.class::isInstance)
        .isPresent()) {
      // This machine cannot hold the test: no figure, and no failure.
      return;
    }
    Fault fault = faultOf(context);
    Recovery recovery = recoveryOf(context);
    boolean measured = !Double.isNaN(recovery.seconds());
    boolean passed =
        context.getExecutionException().isEmpty()
            && measured
            && recovery.seconds() <= fault.within();
    write(context, fault, recovery, passed);
    System.out.printf(
        Locale.ROOT,
        "[fault] %2d %-4s %7.2f s (at most %s s)  %s%n",
        fault.row(),
        passed ? "ok" : "FAIL",
        recovery.seconds(),
        plain(fault.within()),
        fault.what());
    if (!passed && context.getExecutionException().isEmpty()) {
      throw new AssertionError(
          measured
              ? "took %.2f s, at most %s s".formatted(recovery.seconds(), plain(fault.within()))
              : "the test measured nothing");
    }
  }

  private static void write(
      ExtensionContext context, Fault fault, Recovery recovery, boolean passed) throws IOException {
    String test =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName();
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("row", fault.row())
            .put("test", test)
            .put("fault", fault.what())
            .put("outcome", fault.outcome())
            .put("bound_seconds", fault.within())
            .put("passed", passed);
    if (!Double.isNaN(recovery.seconds())) {
      json.put("measured_seconds", Math.round(recovery.seconds() * 100) / 100.0);
    }
    Path folder = RepositoryRoot.find().resolve("system-tests/target/faults");
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("%02d-%s.json".formatted(fault.row(), test)), json + "\n");
  }

  private static String plain(double seconds) {
    return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
  }

  private static Fault faultOf(ExtensionContext context) {
    return context.getRequiredTestMethod().getAnnotation(Fault.class);
  }

  private static Recovery recoveryOf(ExtensionContext context) {
    return context
        .getStore(SPACE)
        .computeIfAbsent("recovery", _ -> new Recovery(faultOf(context).within()), Recovery.class);
  }
}
