package io.ktrdr.protocol.settings;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The settings of one process, read by name from its environment. Remembers what was read, and from
 * where. A variable that is blank counts as not set.
 *
 * <p>Every reader throws {@link IllegalArgumentException} with one sentence for the operator when
 * the value is wrong, and {@link IllegalStateException} for a name that {@link SettingNames} does
 * not list. Not thread-safe.
 */
public final class Settings {

  /** The argument that has a program print its settings and end. */
  public static final String PRINT_CONFIG = "--print-config";

  /** Words of {@code LOG_LEVEL}. */
  private static final List<String> LOG_LEVELS = List.of("DEBUG", "INFO", "WARNING", "ERROR");

  /** Words of {@code LOG_FORMAT}. */
  private static final List<String> LOG_FORMATS = List.of("text", "json");

  /** Words of what is on or off. */
  private static final List<String> SWITCH = List.of("on", "off");

  private static final int PORT_MAX = 65_535;

  private final Map<String, String> environment;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> remarks = new LinkedHashSet<>();

  public Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** Where a value came from. */
  public enum Source {
    ENVIRONMENT,
    FILE,
    DEFAULT,
    /** Found out on this machine. */
    DETECTED
  }

  /**
   * One setting that was read.
   *
   * @param value as the operator may see it; empty: not set
   * @param origin the file, or the variable when it was not the setting's own; else empty
   */
  public record Entry(String name, String value, Source source, String origin, boolean secret) {}

  private record Given(String variable, String value, Source source, String origin) {}

  /** The value of a variable that is no setting of ours, such as {@code PATH}. */
  public Optional<String> foreign(String variable) {
    return variable(variable);
  }

  public Optional<String> text(String name) {
    return read(name, Given::value);
  }

  public String text(String name, String absent) {
    return orElse(name, text(name), absent);
  }

  /**
   * @throws IllegalArgumentException also when it is not set
   */
  public String required(String name) {
    return text(name)
        .orElseThrow(
            () -> new IllegalArgumentException(name + " environment variable is required"));
  }

  public Optional<Integer> number(String name, int min, int max) {
    return read(
        name,
        given -> {
          int value = parsed(given, Integer::parseInt);
          return bounded(given, value >= min && value <= max, value, min, max);
        });
  }

  public int number(String name, int absent, int min, int max) {
    return orElse(name, number(name, min, max), absent);
  }

  public Optional<Double> decimal(String name, double min, double max) {
    return read(
        name,
        given -> {
          double value = parsed(given, Double::parseDouble);
          return bounded(given, value >= min && value <= max, value, min, max);
        });
  }

  /** A whole number of seconds; the bounds are in seconds, too. */
  public Duration seconds(String name, Duration absent, long min, long max) {
    return Duration.ofSeconds(
        number(
            name, Math.toIntExact(absent.toSeconds()), Math.toIntExact(min), Math.toIntExact(max)));
  }

  /** {@code true} or {@code false}. */
  public Optional<Boolean> flag(String name) {
    return read(name, given -> Boolean.valueOf(word(given, List.of("true", "false"))));
  }

  /** An address of a web server, without a slash at its end. */
  public Optional<URI> url(String name) {
    return read(name, Settings::webAddress);
  }

  /** {@code DEBUG}, {@code INFO}, {@code WARNING} or {@code ERROR}; {@code INFO} when not set. */
  public String logLevel() {
    Optional<String> level = read("LOG_LEVEL", given -> word(given, LOG_LEVELS));
    return orElse("LOG_LEVEL", level, "INFO");
  }

  /** Whether {@code LOG_FORMAT} is {@code json}, not {@code text}. */
  public boolean logsJson() {
    Optional<String> format = read("LOG_FORMAT", given -> word(given, LOG_FORMATS));
    return "json".equals(orElse("LOG_FORMAT", format, "text"));
  }

  /** Whether {@code KTRDR_OTEL} is {@code on}. */
  public boolean telemetry() {
    Optional<String> wanted = read("KTRDR_OTEL", given -> word(given, SWITCH));
    return "on".equals(orElse("KTRDR_OTEL", wanted, "off"));
  }

  /** Says what a setting that is not set was found to be. */
  public void detected(String name, Object value) {
    remember(name, value.toString(), Source.DETECTED, "");
  }

  /** What to warn the operator of: variables that mean nothing, or are overruled. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>(remarks);
    warnings.addAll(SettingNames.unknown(environment));
    return warnings;
  }

  /** What has been read, in that order; secrets are masked. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** What {@value #PRINT_CONFIG} prints: a line a setting, and the warnings. */
  public String table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "VALUE", "SOURCE"));
    for (Entry entry : entries.values()) {
      String source = entry.source().name().toLowerCase(Locale.ROOT);
      rows.add(
          List.of(
              entry.name(),
              entry.value().isEmpty() ? "-" : entry.value(),
              entry.origin().isEmpty() ? source : source + " " + entry.origin()));
    }
    int name = rows.stream().mapToInt(row -> row.get(0).length()).max().orElse(0);
    int value = rows.stream().mapToInt(row -> row.get(1).length()).max().orElse(0);
    StringBuilder table = new StringBuilder();
    for (List<String> row : rows) {
      table.append(("%-" + name + "s  %-" + value + "s  %s").formatted(row.toArray())).append('\n');
    }
    warnings().forEach(warning -> table.append("warning: ").append(warning).append('\n'));
    return table.toString();
  }

  /**
   * What a program's arguments ask for.
   *
   * @return whether it is to print its settings and end
   * @throws IllegalArgumentException when there is an argument no program knows
   */
  public static boolean asksForTable(String... arguments) {
    for (String argument : arguments) {
      if (!argument.equals(PRINT_CONFIG)) {
        throw new IllegalArgumentException(
            "unknown argument '%s', the only one is %s".formatted(argument, PRINT_CONFIG));
      }
    }
    return arguments.length > 0;
  }

  private <T> Optional<T> read(String name, Function<Given, T> parser) {
    Optional<Given> given = given(name);
    given.ifPresentOrElse(
        found -> remember(name, found.value(), found.source(), found.origin()),
        () -> remember(name, "", Source.DEFAULT, ""));
    return given.map(parser);
  }

  private <T> T orElse(String name, Optional<T> value, T absent) {
    if (value.isEmpty()) {
      remember(name, absent.toString(), Source.DEFAULT, "");
    }
    return value.orElse(absent);
  }

  private void remember(String name, String value, Source source, String origin) {
    boolean secret = SettingNames.SECRETS.contains(name);
    entries.put(name, new Entry(name, Masked.of(value, secret), source, origin, secret));
  }

  private Optional<Given> given(String name) {
    if (!SettingNames.contains(name)) {
      throw new IllegalStateException(name + " is not listed in SettingNames");
    }
    Optional<Given> own =
        variable(name).map(value -> new Given(name, value, Source.ENVIRONMENT, ""));
    Optional<Given> alias =
        SettingNames.aliasOf(name)
            .flatMap(other ->
                variable(other).map(value -> new Given(other, value, Source.ENVIRONMENT, other)));
    Optional<Given> file =
        SettingNames.fileVariantOf(name)
            .flatMap(
                other -> variable(other).map(path -> new Given(other, path, Source.FILE, path)));
    if (own.isPresent() && file.isPresent()) {
      throw new IllegalArgumentException(
          "%s and %s are both set, expected one of them".formatted(name, file.get().variable()));
    }
    if (own.isPresent() && alias.isPresent()) {
      remarks.add(
          "%s and %s are both set, %s is taken".formatted(name, alias.get().variable(), name));
    }
    return own.or(() -> alias).or(() -> file.map(Settings::contentOf));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).map(String::trim).filter(v -> !v.isEmpty());
  }

  private static Given contentOf(Given file) {
    try {
      String content = Files.readString(Path.of(file.value())).trim();
      if (!content.isEmpty()) {
        return new Given(file.variable(), content, file.source(), file.origin());
      }
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(
          "%s is '%s', which cannot be read (%s)".formatted(file.variable(), file.value(), e), e);
    }
    throw new IllegalArgumentException(
        "%s is '%s', which is empty".formatted(file.variable(), file.value()));
  }

  private static <T> T parsed(Given given, Function<String, T> parser) {
    try {
      return parser.apply(given.value());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s', not a number".formatted(given.variable(), given.value()), e);
    }
  }

  private static <T> T bounded(Given given, boolean within, T value, Object min, Object max) {
    if (!within) {
      throw new IllegalArgumentException(
          "%s is %s, expected %s to %s".formatted(given.variable(), given.value(), min, max));
    }
    return value;
  }

  /** The one of the words that was meant, whatever its case. */
  private static String word(Given given, List<String> words) {
    return words.stream()
        .filter(word -> word.equalsIgnoreCase(given.value()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s is '%s', expected one of %s"
                    .formatted(given.variable(), given.value(), String.join(", ", words))));
  }

  private static URI webAddress(Given given) {
    String text = given.value().replaceFirst("/+$", "");
    try {
      URI url = new URI(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      // Names of containers have underscores, for which getHost() is null.
      if (web && url.getRawAuthority() != null && url.getPort() <= PORT_MAX) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(notAnAddress(given), e);
    }
    throw new IllegalArgumentException(notAnAddress(given));
  }

  private static String notAnAddress(Given given) {
    return "%s is '%s', expected http://host:port"
        .formatted(given.variable(), Masked.of(given.value(), false));
  }
}
