package io.ktrdr.api.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;

/**
 * One thing that was looked at.
 *
 * @param name stable, lower case, e.g. {@code broker.queues}
 * @param found what there is
 * @param advice what to do; empty when nothing needs doing
 */
record Check(String name, Status status, String found, String advice) {

  /** How it is; the order is that of badness. */
  enum Status {
    OK("ok"),
    WARN("warn"),
    FAIL("fail");

    private final String wireName;

    Status(String wireName) {
      this.wireName = wireName;
    }

    String wireName() {
      return wireName;
    }
  }

  static Check ok(String name, String found) {
    return new Check(name, Status.OK, found, "");
  }

  static Check warn(String name, String found, String advice) {
    return new Check(name, Status.WARN, found, advice);
  }

  static Check fail(String name, String found, String advice) {
    return new Check(name, Status.FAIL, found, advice);
  }

  ObjectNode json() {
    return Json.mapper()
        .createObjectNode()
        .put("name", name)
        .put("status", status.wireName())
        .put("found", found)
        .put("advice", advice);
  }
}
