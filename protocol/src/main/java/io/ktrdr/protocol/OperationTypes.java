package io.ktrdr.protocol;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The types of operation a system knows: the built-in ones, and those of its own job types. */
public record OperationTypes(List<OperationType> all) {

  /** More than these are a mistake. */
  private static final int TYPES_MAX = 50;

  /** What a system knows to which nothing was added. */
  public static final OperationTypes BUILT_IN = new OperationTypes(OperationType.BUILT_IN);

  public OperationTypes {
    all = List.copyOf(all);
  }

  /**
   * The built-in types and more.
   *
   * @param names separated by commas; blank for none
   * @throws IllegalArgumentException when one cannot be the name of a type, or there are too many
   */
  public static OperationTypes with(String names) {
    Set<OperationType> types = new LinkedHashSet<>(OperationType.BUILT_IN);
    for (String name : names.split(",", -1)) {
      if (!name.isBlank()) {
        types.add(OperationType.parse(name.trim()));
      }
    }
    if (types.size() > TYPES_MAX) {
      throw new IllegalArgumentException(
          "%d operation types, at most %d are allowed".formatted(types.size(), TYPES_MAX));
    }
    return new OperationTypes(List.copyOf(types));
  }

  /** A known type by its name, in any case. */
  public Optional<OperationType> find(String name) {
    return OperationType.find(name).filter(all::contains);
  }

  /**
   * A known type by its name, in any case.
   *
   * @throws IllegalArgumentException naming the valid ones
   */
  public OperationType parse(String name) {
    return find(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown operation type '%s', valid are: %s".formatted(name, validNames())));
  }

  /** All names, for messages. */
  public String validNames() {
    return all.stream().map(OperationType::wireName).collect(Collectors.joining(", "));
  }
}
