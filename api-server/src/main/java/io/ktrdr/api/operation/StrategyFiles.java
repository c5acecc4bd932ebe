package io.ktrdr.api.operation;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.ProblemException.FieldError;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The strategies of one directory, {@code <name>.yaml} each. A name is never a path, and a link out
 * of the directory is no strategy.
 */
final class StrategyFiles {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

  /** Longer ones are not read; the parser takes no more either. */
  private static final long BYTES_MAX = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(StrategyFiles.class);

  private final Path directory;

  StrategyFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * @throws ProblemException 404 when there is none of that name, 422 when it cannot be used
   */
  Strategy read(String name) {
    if (!NAME.matcher(name).matches()) {
      throw unknown(name);
    }
    Path file = directory.resolve(name + ".yaml");
    if (!Files.isRegularFile(file)) {
      throw unknown(name);
    }
    if (leadsOut(file)) {
      LOG.warn("{} is a link out of the directory of strategies: not read", file);
      throw unknown(name);
    }
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw tooLarge(name);
      }
      return StrategyParser.parse(Files.readString(file));
    } catch (StrategyInvalidException e) {
      throw invalid(name, e);
    } catch (CharacterCodingException e) {
      throw unreadable(name, "it is not UTF-8");
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      throw unreadable(name, "check its permissions");
    }
  }

  private boolean leadsOut(Path file) {
    try {
      return !file.toRealPath().startsWith(directory.toRealPath());
    } catch (IOException e) {
      return true;
    }
  }

  static ProblemException invalid(String name, StrategyInvalidException e) {
    return new ProblemException(
        422,
        "STRATEGY_INVALID",
        "%s.yaml: %s".formatted(name, e.getMessage()),
        e.problems().stream()
            .map(p -> new FieldError("/strategy/" + p.path(), p.code(), p.message()))
            .toList());
  }

  private static ProblemException tooLarge(String name) {
    String detail = "the strategy is larger than %d bytes".formatted(BYTES_MAX);
    return new ProblemException(
        422,
        "STRATEGY_INVALID",
        "%s.yaml: %s".formatted(name, detail),
        List.of(new FieldError("/strategy/", "STRATEGY_TOO_LARGE", detail)));
  }

  private static ProblemException unreadable(String name, String why) {
    return new ProblemException(
        422, "STRATEGY_UNREADABLE", "%s.yaml cannot be read: %s".formatted(name, why));
  }

  private ProblemException unknown(String name) {
    return new ProblemException(
        404,
        "STRATEGY_UNKNOWN",
        "There is no strategy '%s'. Known are: %s".formatted(name, known()));
  }

  private String known() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !leadsOut(file))
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".yaml"))
          .map(file -> file.substring(0, file.length() - ".yaml".length()))
          .sorted()
          .collect(Collectors.joining(", "));
    } catch (IOException e) {
      return "none: the directory of strategies cannot be read";
    }
  }
}
