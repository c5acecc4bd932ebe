package io.ktrdr.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Files a command is given to send, or to write. */
final class TextFiles {

  private TextFiles() {}

  /**
   * @param spec of the command, for the message
   * @throws ParameterException when it cannot be read
   */
  static String read(CommandSpec spec, Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "%s cannot be read: %s".formatted(file, e), e);
    }
  }

  /**
   * @param spec of the command, for the message
   * @throws ParameterException when it cannot be written
   */
  static void write(CommandSpec spec, Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "%s cannot be written: %s".formatted(file, e), e);
    }
  }
}
