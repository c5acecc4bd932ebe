package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import java.util.UUID;

/**
 * What a worker says of itself when it begins.
 *
 * @param instanceId of its process: another one with every start
 * @param capabilities an object: cores, memory_gb, gpu, …
 */
record Registration(
    WorkerId workerId,
    OperationType type,
    UUID instanceId,
    String endpointUrl,
    JsonNode capabilities,
    String version) {}
