package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** The days an operation covers, both inclusive. */
record DateRange(LocalDate start, LocalDate end) {

  /**
   * Reads and checks {@code start_date} and {@code end_date}; what is wrong is noted in the body.
   */
  static DateRange read(
      RequestBody body,
      InstantSource clock,
      Optional<LocalDate> startDefault,
      Optional<LocalDate> endDefault) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    LocalDate start =
        body.require("start_date", body.date("start_date").or(() -> startDefault), today);
    LocalDate end = body.require("end_date", body.date("end_date").or(() -> endDefault), today);
    if (body.hasError("start_date") || body.hasError("end_date")) {
      return new DateRange(start, end);
    }
    if (start.isAfter(today)) {
      body.error("start_date", "RANGE_INVALID", "%s is in the future".formatted(start));
    } else if (!start.isBefore(end)) {
      body.error(
          "end_date", "RANGE_INVALID", "%s is not after start_date %s".formatted(end, start));
    }
    return new DateRange(start, end);
  }
}
