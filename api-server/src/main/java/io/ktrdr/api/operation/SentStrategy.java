package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.strategy.StrategyFiles;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import java.util.Optional;
import java.util.function.Function;

/** A strategy that comes as text with the request that is to use it. */
final class SentStrategy {

  /** The field it comes in. */
  static final String FIELD = "strategy_yaml";

  private SentStrategy() {}

  /**
   * The strategy of that text.
   *
   * @param name the request's {@code strategy_name}, which has to be the strategy's own
   * @throws io.ktrdr.api.http.ProblemException 422 when it is not valid, or has another name
   */
  static <S extends Strategy> S parsed(
      RequestBody body, String yaml, Optional<String> name, Function<String, S> parser) {
    S strategy;
    try {
      strategy = parser.apply(yaml);
    } catch (StrategyInvalidException e) {
      throw StrategyFiles.invalid(FIELD, e);
    }
    if (name.isPresent() && !name.get().equals(strategy.name())) {
      body.error(
          "strategy_name",
          "FIELD_CONFLICT",
          "is %s, but %s is %s".formatted(name.get(), FIELD, strategy.name()));
    }
    body.throwIfInvalid();
    return strategy;
  }
}
