package io.ktrdr.system.fault;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Leaves out all rows of the matrix but those of the property {@value #PROPERTY} (comma separated),
 * before a class of which nothing is left starts its system. JUnit finds it as a service.
 */
public final class OnlyRows implements PostDiscoveryFilter {

  static final String PROPERTY = "ktrdr.faults.only";

  private final Set<String> rows =
      Arrays.stream(System.getProperty(PROPERTY, "").split(",", -1))
          .map(String::strip)
          .filter(row -> !row.isEmpty())
          .collect(Collectors.toUnmodifiableSet());

  @Override
  public FilterResult apply(TestDescriptor test) {
    boolean wanted =
        rows.isEmpty()
            || test.isContainer()
            || test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Fault.class))
                .filter(fault -> rows.contains(Integer.toString(fault.row())))
                .isPresent();
    return FilterResult.includedIf(
        wanted, () -> "one of rows " + rows, () -> "not of rows " + rows);
  }
}
