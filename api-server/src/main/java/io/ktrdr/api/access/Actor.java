package io.ktrdr.api.access;

import io.ktrdr.protocol.access.TokensFile;

/**
 * Who did something, for the audit and the history of operations.
 *
 * @param name of the token
 */
public record Actor(String name) {

  /** What it is called in the payload of an event. */
  public static final String FIELD = "actor";

  /** Whoever, where no token is asked for. */
  public static final Actor ANONYMOUS = new Actor(TokensFile.ANONYMOUS);
}
