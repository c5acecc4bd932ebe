package io.ktrdr.api.model;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is inside models. What was read is kept for a while: the bytes of a digest never change.
 * Thread-safe.
 */
public final class ModelStrategies {

  /** Models that are known, those asked for last. */
  private static final int KEPT_MAX = 100;

  private final ArtifactStore artifacts;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Sha256, Inside> kept = new LinkedHashMap<>();

  /**
   * What a submit needs to know of a model.
   *
   * @param strategy it was trained with
   * @param sequenceLength bars that an answer is made of
   * @param parameters weights and biases
   */
  public record Inside(NeuroFuzzyStrategy strategy, int sequenceLength, int parameters) {}

  public ModelStrategies(ArtifactStore artifacts) {
    this.artifacts = artifacts;
  }

  /**
   * What is inside a model.
   *
   * @throws ProblemException 422 when the model cannot be used
   */
  public Inside of(ModelStore.Model model) {
    Inside known = known(model.sha256());
    if (known != null) {
      return known;
    }
    Inside inside = read(model);
    lock.lock();
    try {
      kept.putLast(model.sha256(), inside);
      if (kept.size() > KEPT_MAX) {
        kept.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
    return inside;
  }

  private @Nullable Inside known(Sha256 sha256) {
    lock.lock();
    try {
      Inside inside = kept.get(sha256);
      if (inside != null) {
        kept.putLast(sha256, inside);
      }
      return inside;
    } finally {
      lock.unlock();
    }
  }

  private Inside read(ModelStore.Model model) {
    byte[] bytes =
        artifacts
            .find(model.sha256())
            .orElseThrow(() ->
                refused(model, "MODEL_CORRUPT", "its bytes are no longer there; train it again"));
    try {
      ModelBundle bundle = ModelBundleCodec.decode(bytes);
      return new Inside(
          StrategyParser.parseNeuroFuzzy(bundle.strategyYaml()),
          bundle.sequenceLength(),
          bundle.parameterCount());
    } catch (ModelInvalidException e) {
      throw refused(model, e.code(), String.valueOf(e.getMessage()));
    } catch (StrategyInvalidException e) {
      throw refused(
          model, "MODEL_CORRUPT", "the strategy inside it cannot be used: " + e.getMessage());
    }
  }

  private static ProblemException refused(ModelStore.Model model, String code, String why) {
    return new ProblemException(422, code, "%s: %s".formatted(model.version(), why));
  }
}
