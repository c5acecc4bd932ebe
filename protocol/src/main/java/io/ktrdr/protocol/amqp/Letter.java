package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import io.ktrdr.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A message found in a queue where messages wait to be looked at.
 *
 * @param id the same whenever it is looked at: made of queue, message id and body
 * @param queue where it lies, e.g. {@code operations.training.dead}
 * @param messageId as it was published; empty when it had none
 * @param exchange to which it was published
 * @param routingKey as it was published
 * @param reason why it lies here, as whoever parked it says
 * @param headers as it was published: texts, without the broker's own and those of publishing
 * @param deaths how often the broker moved it away from its queue, or delivered it in vain
 * @param body not copied; do not change it
 */
public record Letter(
    String id,
    String queue,
    String messageId,
    String exchange,
    String routingKey,
    String reason,
    Map<String, String> headers,
    long deaths,
    @SuppressWarnings("ArrayRecordComponent") byte[] body) {

  /** Header in which whoever parks a message says why. */
  public static final String REASON_HEADER = "reason";

  private static final int ID_LENGTH = 16;

  /** What brokers and publishers add for themselves begins with it. */
  private static final String NOT_OURS = "x-";

  static Letter of(String queue, GetResponse response) {
    String given = response.getProps().getMessageId();
    String messageId = given == null ? "" : given;
    Map<String, Object> found = response.getProps().getHeaders();
    Map<String, Object> headers = found == null ? Map.of() : found;
    return new Letter(
        idOf(queue, messageId, response.getBody()),
        queue,
        messageId,
        response.getEnvelope().getExchange(),
        response.getEnvelope().getRoutingKey(),
        reason(headers),
        texts(headers),
        deaths(headers),
        response.getBody());
  }

  static String idOf(String queue, String messageId, byte[] body) {
    String text = queue + "\n" + messageId + "\n" + Sha256.of(body).hex();
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, ID_LENGTH);
  }

  private static Map<String, String> texts(Map<String, Object> headers) {
    return headers.entrySet().stream()
        .filter(header -> !header.getKey().startsWith(NOT_OURS))
        .filter(header ->
            header.getValue() instanceof CharSequence || header.getValue() instanceof LongString)
        .collect(
            Collectors.toUnmodifiableMap(
                Map.Entry::getKey, header -> header.getValue().toString()));
  }

  private static String reason(Map<String, Object> headers) {
    Object ours = headers.get(REASON_HEADER);
    if (ours != null) {
      return ours.toString();
    }
    Object brokers = headers.get("x-first-death-reason");
    Map<?, ?> death = firstDeath(headers);
    if (brokers == null && death != null) {
      brokers = death.get("reason");
    }
    return switch (String.valueOf(brokers)) {
      case "delivery_limit" ->
          "delivered %d times and handed back each time".formatted(Topology.DELIVERY_LIMIT);
      case "null" -> "unknown";
      case String other -> other;
    };
  }

  private static long deaths(Map<String, Object> headers) {
    Map<?, ?> death = firstDeath(headers);
    return death != null && death.get("count") instanceof Number count ? count.longValue() : 0;
  }

  private static @Nullable Map<?, ?> firstDeath(Map<String, Object> headers) {
    return headers.get("x-death") instanceof List<?> deaths
            && !deaths.isEmpty()
            && deaths.getFirst() instanceof Map<?, ?> first
        ? first
        : null;
  }
}
