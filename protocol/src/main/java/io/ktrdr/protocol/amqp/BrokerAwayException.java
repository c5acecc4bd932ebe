package io.ktrdr.protocol.amqp;

/** The broker cannot be asked now; the message says why. */
public final class BrokerAwayException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BrokerAwayException(Exception cause) {
    super("the broker does not answer: " + ConfirmedPublisher.reasonOf(cause), cause);
  }
}
