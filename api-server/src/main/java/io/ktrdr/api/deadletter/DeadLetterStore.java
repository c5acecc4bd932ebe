package io.ktrdr.api.deadletter;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** What the database knows of the operations that dead letters speak of. */
final class DeadLetterStore {

  /** The status of those operations that exist. */
  Map<OperationId, OperationStatus> statuses(Handle handle, Collection<OperationId> ids) {
    Map<OperationId, OperationStatus> statuses = new HashMap<>();
    handle
        .createQuery("select id, status from operations where id = any(:ids)")
        .bindArray("ids", String.class, ids.stream().map(OperationId::value).toList())
        .map((rs, _) ->
            statuses.put(
                OperationId.parse(rs.getString("id")),
                OperationStatus.parse(rs.getString("status"))))
        .list();
    return statuses;
  }
}
