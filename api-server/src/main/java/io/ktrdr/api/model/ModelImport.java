package io.ktrdr.api.model;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings models from a directory into the registry: {@code <strategy>/<timeframe>_v<N>/model.json}
 * becomes that version, unless it is taken. A file that is no model is named in the log and left
 * alone.
 */
public final class ModelImport {

  private static final String FILE = "model.json";
  private static final int DEPTH = 3;
  private static final Logger LOG = LoggerFactory.getLogger(ModelImport.class);

  private final Jdbi jdbi;
  private final ModelStore models;
  private final ArtifactStore artifacts;

  public ModelImport(Jdbi jdbi, ModelStore models, ArtifactStore artifacts) {
    this.jdbi = jdbi;
    this.models = models;
    this.artifacts = artifacts;
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
      byte[] bytes = Files.readAllBytes(file);
      ModelBundle model = ModelBundleCodec.decode(bytes);
      Sha256 sha256 = artifacts.put(bytes);
      boolean imported =
          jdbi.inTransaction(
              handle -> models.insert(handle, version.get(), sha256, model.symbols(), null));
      if (imported) {
        LOG.info("Model imported: {}", version.get());
      }
    } catch (IOException | ModelInvalidException e) {
      LOG.warn("{} not imported: {}", file, e.getMessage());
    }
  }
}
