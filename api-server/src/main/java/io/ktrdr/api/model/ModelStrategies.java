package io.ktrdr.api.model;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The strategies inside models. What was read is kept for a while: the bytes of a digest never
 * change. Thread-safe.
 */
public final class ModelStrategies {

  /** Strategies that are kept, those asked for last. */
  private static final int KEPT_MAX = 100;

  private final ArtifactStore artifacts;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Sha256, NeuroFuzzyStrategy> kept = new LinkedHashMap<>();

  public ModelStrategies(ArtifactStore artifacts) {
    this.artifacts = artifacts;
  }

  /**
   * The strategy a model was trained with.
   *
   * @throws ProblemException 422 when the model cannot be used
   */
  public NeuroFuzzyStrategy of(ModelStore.Model model) {
    NeuroFuzzyStrategy known = known(model.sha256());
    if (known != null) {
      return known;
    }
    NeuroFuzzyStrategy strategy = read(model);
    lock.lock();
    try {
      kept.putLast(model.sha256(), strategy);
      if (kept.size() > KEPT_MAX) {
        kept.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
    return strategy;
  }

  private @Nullable NeuroFuzzyStrategy known(Sha256 sha256) {
    lock.lock();
    try {
      NeuroFuzzyStrategy strategy = kept.get(sha256);
      if (strategy != null) {
        kept.putLast(sha256, strategy);
      }
      return strategy;
    } finally {
      lock.unlock();
    }
  }

  private NeuroFuzzyStrategy read(ModelStore.Model model) {
    byte[] bytes =
        artifacts
            .find(model.sha256())
            .orElseThrow(() ->
                refused(model, "MODEL_CORRUPT", "its bytes are no longer there; train it again"));
    try {
      return StrategyParser.parseNeuroFuzzy(ModelBundleCodec.decode(bytes).strategyYaml());
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
