package io.ktrdr.protocol.amqp;

/** What became of a published message. */
public sealed interface PublishOutcome {

  /** A queue has it, durably. */
  record Confirmed() implements PublishOutcome {}

  /** No queue took it: the topology is not what it should be. */
  record Returned(String reason) implements PublishOutcome {}

  /** Unknown or refused; it may or may not have arrived. Publish it again. */
  record Failed(String reason) implements PublishOutcome {}
}
