package io.ktrdr.api.strategy;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.ProblemException.FieldError;
import io.ktrdr.protocol.NearestNames;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.Problem;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The strategies of one directory, {@code <name>.yaml} each. A name is never a path, and a link out
 * of the directory is no strategy.
 */
public final class StrategyFiles {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

  /** Longer ones are not read; the parser takes no more either. */
  private static final long BYTES_MAX = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(StrategyFiles.class);

  private final Path directory;

  public StrategyFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * The strategy of that name.
   *
   * @throws ProblemException 404 when there is none of that name, 422 when it cannot be used
   */
  Strategy read(String name) {
    Path file = find(name).orElseThrow(() -> unknown(name));
    return parsed(name, file, StrategyParser::parse);
  }

  /**
   * The strategy of that name, which has to be one for a network.
   *
   * @throws ProblemException 404 when there is none of that name, 422 when it cannot be used
   */
  public NeuroFuzzyStrategy readNeuroFuzzy(String name) {
    Path file = find(name).orElseThrow(() -> unknown(name));
    return parsed(name, file, StrategyParser::parseNeuroFuzzy);
  }

  /**
   * The strategy of that name when it decides by rules; empty when it does not, or when there is
   * none.
   *
   * @throws ProblemException 422 when it cannot be used
   */
  public Optional<RulesStrategy> rules(String name) {
    return find(name)
        .map(file -> parsed(name, file, StrategyParser::parse))
        .flatMap(strategy ->
            strategy instanceof RulesStrategy rules ? Optional.of(rules) : Optional.empty());
  }

  private Optional<Path> find(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    Path file = directory.resolve(name + ".yaml");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    if (leadsOut(file)) {
      LOG.warn("{} is a link out of the directory of strategies: not read", file);
      return Optional.empty();
    }
    return Optional.of(file);
  }

  private static <S extends Strategy> S parsed(String name, Path file, Function<String, S> parser) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw tooLarge(name);
      }
      return parser.apply(Files.readString(file));
    } catch (StrategyInvalidException e) {
      throw invalid(name + ".yaml", e);
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

  /**
   * @param what was read, for the message
   */
  public static ProblemException invalid(String what, StrategyInvalidException e) {
    return new ProblemException(
        422,
        "STRATEGY_INVALID",
        "%s: %s".formatted(what, e.getMessage()),
        e.problems().stream()
            .map(p -> new FieldError("/strategy/" + p.path(), p.code(), detail(p)))
            .toList());
  }

  private static String detail(Problem problem) {
    return problem.line() > 0
        ? "line %d: %s".formatted(problem.line(), problem.message())
        : problem.message();
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
    List<String> names = names();
    return new ProblemException(
        404,
        "STRATEGY_UNKNOWN",
        "There is no strategy '%s'%s Known are: %s"
            .formatted(name, hint(name, names), String.join(", ", names)));
  }

  /**
   * The end of a sentence about a name that may be misspelt: {@code "; did you mean 'sma_cross'?"}
   * when no file has it but one has a name like it, else a full stop.
   *
   * @throws ProblemException 503 when the directory cannot be read
   */
  public String hint(String name) {
    return hint(name, names());
  }

  private static String hint(String name, List<String> names) {
    String hint = names.contains(name) ? "" : NearestNames.hint(name, names);
    return hint.isEmpty() ? "." : hint;
  }

  /**
   * Names of all files, sorted.
   *
   * @throws ProblemException 503 when the directory cannot be read
   */
  List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !leadsOut(file))
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".yaml"))
          .map(file -> file.substring(0, file.length() - ".yaml".length()))
          .filter(name -> NAME.matcher(name).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      LOG.warn("the directory of strategies {} cannot be read: {}", directory, e.toString());
      // Nothing the client could correct.
      throw new ProblemException(
          503,
          "STRATEGY_UNREADABLE",
          "The directory of strategies cannot be read: the server's operator checks it");
    }
  }
}
