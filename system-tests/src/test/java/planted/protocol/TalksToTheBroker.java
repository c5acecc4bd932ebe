package planted.protocol;

import com.rabbitmq.client.Channel;

/** A word of the protocol that knows AMQP. */
record TalksToTheBroker(Channel channel) {}
