package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import io.ktrdr.protocol.Demand;
import java.util.Optional;
import java.util.Set;

/** The fields of every submit that say what its worker must have. */
final class DemandFields {

  private static final String GPU = "requires_gpu";
  private static final String CORES = "min_cores";
  private static final String MEMORY = "min_memory_gb";

  static final Set<String> NAMES = Set.of(GPU, CORES, MEMORY);

  private DemandFields() {}

  /** What the request asks for; what is wrong with it is noted in the body. */
  static Demand read(RequestBody body) {
    return new Demand(
        body.flag(GPU),
        number(body, CORES, Demand.CORES_MAX),
        number(body, MEMORY, Demand.MEMORY_GB_MAX));
  }

  private static int number(RequestBody body, String field, int max) {
    Optional<Long> asked = body.wholeNumber(field);
    if (asked.isEmpty()) {
      return 0;
    }
    if (asked.get() < 1 || asked.get() > max) {
      body.error(field, "PARAM_RANGE", "is %d, expected 1 to %d".formatted(asked.get(), max));
      return 0;
    }
    return asked.get().intValue();
  }
}
