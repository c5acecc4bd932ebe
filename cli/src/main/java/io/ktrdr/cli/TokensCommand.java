package io.ktrdr.cli;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr tokens …}; asks no API. */
@Command(
    name = "tokens",
    description = "Make tokens for an API that asks for them.",
    subcommands = TokensCommand.Create.class)
final class TokensCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  /** {@code ktrdr tokens create}. */
  @Command(
      name = "create",
      description = {
        "Make a token and show it, once. The API's file of tokens (KTRDR_TOKENS_FILE) gets a line"
            + " that holds its digest only; the API reads the file again by itself.",
      })
  static final class Create implements Callable<Integer> {

    @ParentCommand private TokensCommand parent = new TokensCommand();

    @Option(
        names = "--name",
        required = true,
        description = "Whose it is, for the audit: letters, digits, '.', '_', '-'.")
    private String name = "";

    @Option(
        names = "--role",
        required = true,
        description = "viewer, researcher, operator or worker.")
    private Role role = Role.VIEWER;

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Add the line to this file, which is made when there is none.")
    private @Nullable Path file;

    @Override
    public Integer call() {
      ApiToken token = ApiToken.create(new SecureRandom());
      TokensFile.Entry entry;
      try {
        entry = new TokensFile.Entry(name, role, token.sha256());
        if (file != null) {
          TokensFile.append(file, entry);
        }
      } catch (IllegalArgumentException e) {
        throw new CommandFailedException(
            ExitCode.FAILED, "TOKEN_NOT_MADE", String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw new CommandFailedException(
            ExitCode.FAILED, "FILE_NOT_WRITTEN", "cannot write %s: %s".formatted(file, e));
      }
      show(parent.cli.context(), token, entry);
      return ExitCode.DONE;
    }

    private void show(CommandContext context, ApiToken token, TokensFile.Entry entry) {
      if (context.json()) {
        context.printJson(
            Json.mapper()
                .createObjectNode()
                .put("name", entry.name())
                .put("role", entry.role().wireName())
                .put("token", token.secret())
                .put("line", entry.line())
                .put("file", file == null ? null : file.toString()));
        return;
      }
      context.out().println("Token of %s (%s), shown only now:".formatted(name, role.wireName()));
      context.out().println("  " + token.secret());
      context
          .out()
          .println(
              file == null
                  ? "Line for the API's file of tokens:"
                  : "Line added to %s:".formatted(file));
      context.out().println("  " + entry.line());
    }
  }
}
