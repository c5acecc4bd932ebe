package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The broker closed a channel because a delivery was held for longer than its setting allows.
 *
 * @param value of the setting; empty when the broker did not say
 */
record ConsumerTimeout(Optional<Duration> value) {

  private static final Pattern SIGN =
      Pattern.compile("delivery acknowledgement on channel \\d+ timed out");
  private static final Pattern VALUE = Pattern.compile("[Tt]imeout value used: (\\d+) ms");

  /** What a channel's end says of it; empty when it ended for another reason. */
  static Optional<ConsumerTimeout> of(ShutdownSignalException cause) {
    return cause.getReason() instanceof AMQP.Channel.Close close
        ? of(close.getReplyCode(), String.valueOf(close.getReplyText()))
        : Optional.empty();
  }

  static Optional<ConsumerTimeout> of(int replyCode, String replyText) {
    if (replyCode != AMQP.PRECONDITION_FAILED || !SIGN.matcher(replyText).find()) {
      return Optional.empty();
    }
    Matcher value = VALUE.matcher(replyText);
    return Optional.of(
        new ConsumerTimeout(
            value.find()
                ? Optional.of(Duration.ofMillis(Long.parseLong(value.group(1))))
                : Optional.empty()));
  }

  /** A line for the log: what happened, that nothing is lost, and what to do. */
  String advice(String queue, String brokerVersion) {
    return ("RabbitMQ %s closed the channel to %s: a delivery was held for longer than the setting "
            + "consumer_timeout = %s. Nothing is lost: the claim decides who runs the operation. "
            + "Set consumer_timeout in rabbitmq.conf above the longest run, for a week: "
            + "consumer_timeout = "
            + Topology.HELD_MAX.toMillis())
        .formatted(
            brokerVersion,
            queue,
            value.map(used -> used.toMillis() + " ms").orElse("(it did not say)"));
  }
}
