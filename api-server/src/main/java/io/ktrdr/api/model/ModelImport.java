package io.ktrdr.api.model;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings models from a directory into the registry: {@code <strategy>/<timeframe>_v<N>/model.json}
 * becomes that version, unless it is taken. A file that is no model is named in the log, left
 * alone, and remembered, so that who asks for it hears why there is none. Thread-safe.
 */
public final class ModelImport {

  private static final String FILE = "model.json";
  private static final int DEPTH = 3;
  private static final Logger LOG = LoggerFactory.getLogger(ModelImport.class);

  private final Jdbi jdbi;
  private final ModelStore models;
  private final ArtifactStore artifacts;
  private final Map<ModelVersion, RefusedModel> refused = new ConcurrentHashMap<>();

  public ModelImport(Jdbi jdbi, ModelStore models, ArtifactStore artifacts) {
    this.jdbi = jdbi;
    this.models = models;
    this.artifacts = artifacts;
  }

  /** Why this version was not imported; empty when there is no such file, or it is a model. */
  public Optional<RefusedModel> refused(ModelVersion version) {
    return Optional.ofNullable(refused.get(version));
  }

  /** All that were not imported, by name. */
  List<RefusedModel> refused() {
    return refused.values().stream()
        .sorted(Comparator.comparing(model -> model.version().toString()))
        .toList();
  }

  public void importFrom(Path directory) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().equals(FILE)).sorted().toList();
      found.forEach(file -> importFile(directory, file));
    } catch (IOException e) {
      LOG.warn("Models in {} not imported: {}", directory, e.toString());
    }
  }

  private void importFile(Path directory, Path file) {
    String name = directory.relativize(file.getParent()).toString().replace('\\', '/');
    Optional<ModelVersion> version = ModelVersion.parse(name);
    if (version.isEmpty()) {
      LOG.warn("{} is not <strategy>/<timeframe>_v<N>/{}: not imported", file, FILE);
      return;
    }
    try {
      byte[] bytes = read(directory, file);
      ModelBundle model = ModelBundleCodec.decode(bytes);
      requireOwnFeatures(version.get(), model);
      Sha256 sha256 = artifacts.put(bytes);
      boolean imported =
          jdbi.inTransaction(
              handle -> models.insert(handle, version.get(), sha256, model.symbols(), null));
      if (imported) {
        LOG.info("Model imported: {}", version.get());
      }
    } catch (ModelInvalidException e) {
      refuse(file, new RefusedModel(version.get(), e.code(), String.valueOf(e.getMessage())));
    } catch (StrategyInvalidException e) {
      String detail = "the strategy inside it cannot be used: " + e.getMessage();
      refuse(file, new RefusedModel(version.get(), "MODEL_CORRUPT", detail));
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      String detail = "its file cannot be read; check its permissions";
      refuse(file, new RefusedModel(version.get(), "MODEL_CORRUPT", detail));
    }
  }

  private void refuse(Path file, RefusedModel model) {
    refused.put(model.version(), model);
    LOG.warn("{} not imported: {}: {}", file, model.code(), model.detail());
  }

  private static byte[] read(Path directory, Path file) throws IOException {
    if (!file.toRealPath().startsWith(directory.toRealPath())) {
      throw new ModelInvalidException(
          "MODEL_PATH_INVALID",
          "its file is a link out of the directory of models; copy the file into it");
    }
    if (Files.size(file) > ModelBundleCodec.BYTES_MAX) {
      throw new ModelInvalidException(
          "MODEL_TOO_LARGE",
          "the file has %d bytes, at most %d are read"
              .formatted(Files.size(file), ModelBundleCodec.BYTES_MAX));
    }
    return Files.readAllBytes(file);
  }

  /** What its strategy computes, on the bars its name says, is what the network expects. */
  private static void requireOwnFeatures(ModelVersion version, ModelBundle model) {
    if (version.timeframe() != model.timeframe()) {
      throw new ModelInvalidException(
          "MODEL_FEATURES_MISMATCH",
          "it decides on %s bars; name its folder %s_v%d"
              .formatted(model.timeframe(), model.timeframe(), version.version()));
    }
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(model.strategyYaml());
    model.requireSequencesOf(strategy);
    new FeatureBuilder(strategy, model.timeframe(), model.timeframes()).requireFits(model);
  }
}
