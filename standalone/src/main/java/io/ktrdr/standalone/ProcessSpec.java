package io.ktrdr.standalone;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A process to start.
 *
 * @param name what it is called in messages and in its log's name
 * @param command program and arguments
 * @param environment added to (and overriding) the environment of this JVM
 * @param withoutPrefixes variables of this JVM that start with one of these are not passed on
 * @param directory its working folder
 * @param log file its standard output and error are appended to
 * @param stopSignal asks it to stop in good order: {@code TERM}, for Postgres {@code INT}
 * @param marker an argument of {@code command}, or a part of one, by which it is known again
 */
public record ProcessSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    List<String> withoutPrefixes,
    Path directory,
    Path log,
    String stopSignal,
    String marker) {

  /** Copies its collections. */
  public ProcessSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    withoutPrefixes = List.copyOf(withoutPrefixes);
  }

  /** The same with more variables, which win over those it has. */
  public ProcessSpec with(Map<String, String> more) {
    Map<String, String> merged = new HashMap<>(environment);
    merged.putAll(more);
    return new ProcessSpec(
        name, command, merged, withoutPrefixes, directory, log, stopSignal, marker);
  }
}
