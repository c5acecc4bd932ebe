package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.strategy.ModelBundle;
import java.util.Optional;

/**
 * What the report of a backtest is made of.
 *
 * @param metadata of the operation
 * @param result of the operation
 * @param trades the artifact of that name
 * @param equity the artifact of that name
 * @param model the model that decided; empty for rules, and when it is not to be had
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
public record ReportSource(
    String id,
    JsonNode metadata,
    JsonNode result,
    byte[] trades,
    byte[] equity,
    Prices prices,
    Optional<ModelBundle> model) {}
