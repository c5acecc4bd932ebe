package io.ktrdr.cli;

import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Files a command is given to send, or to write. */
final class TextFiles {

  private static final Path STANDARD_OUTPUT = Path.of("-");

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
          spec.commandLine(), "%s cannot be read: %s".formatted(file, why(e)), e);
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
          spec.commandLine(), "%s cannot be written: %s".formatted(file, why(e)), e);
    }
  }

  /**
   * Writes a page and says where; to {@code -}, standard output, the page alone.
   *
   * @param spec of the command, for the message
   * @throws ParameterException when it cannot be written
   */
  static void writePage(CommandSpec spec, CommandContext context, Path file, byte[] page) {
    if (file.equals(STANDARD_OUTPUT)) {
      context.out().writeBytes(page);
      if (context.out().checkError()) {
        throw new CommandFailedException(
            ExitCode.FAILED, "FILE_NOT_WRITTEN", "cannot write all of the page to standard output");
      }
      return;
    }
    write(spec, file, page);
    if (context.json()) {
      context.printJson(Json.mapper().createObjectNode().put("file", file.toString()));
    } else {
      context.out().println("written: " + file.toAbsolutePath());
    }
  }

  private static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file or folder";
      case CharacterCodingException _ -> "it is not UTF-8 text";
      default -> e.toString();
    };
  }
}
