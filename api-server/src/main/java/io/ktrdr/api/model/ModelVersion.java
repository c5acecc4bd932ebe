package io.ktrdr.api.model;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Timeframe;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a trained model: {@code neuro_mean_reversion/1d_v21} is the 21st of that strategy on daily
 * bars.
 *
 * @param version 1-based
 */
public record ModelVersion(String strategyName, Timeframe timeframe, int version) {

  private static final Pattern FORM =
      Pattern.compile(
          "(?:/app/models/|models/)?([A-Za-z0-9][A-Za-z0-9_-]{0,99})/([0-9]{1,2}[mhdw])_v([0-9]{1,9})/?");

  public ModelVersion {
    requireNonNull(strategyName, "strategyName is null");
    requireNonNull(timeframe, "timeframe is null");
  }

  /**
   * Reads {@code <strategy>/<timeframe>_v<N>}, also with the guide's {@code /app/models/} or {@code
   * models/} before it. Anything else, any {@code ..}, URL or encoded character among it, is empty.
   */
  public static Optional<ModelVersion> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Timeframe.find(matcher.group(2))
        .map(
            timeframe ->
                new ModelVersion(
                    matcher.group(1), timeframe, Integer.parseInt(matcher.group(3))));
  }

  @Override
  public String toString() {
    return "%s/%s_v%d".formatted(strategyName, timeframe.wireName(), version);
  }
}
