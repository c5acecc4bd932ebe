package io.ktrdr.protocol.access;

import io.ktrdr.protocol.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file of those the API lets in: a line each, {@code name role sha256:<hex>}, and lines that
 * begin with {@code #}. It holds no secret: nobody finds a token of 256 random bits from its
 * digest.
 */
public final class TokensFile {

  /** Larger files are refused. */
  public static final int BYTES_MAX = 1 << 20;

  /** More tokens than that are refused: each request is compared with all of them. */
  public static final int TOKENS_MAX = 1_000;

  /** Who asks without a token where none is needed; no token may have this name. */
  public static final String ANONYMOUS = "anonymous";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final String DIGEST = "sha256:";
  private static final String LINE_FORM = "name role sha256:<hex>";
  private static final int WORDS = 3;

  private TokensFile() {}

  /** One line. */
  public record Entry(String name, Role role, Sha256 sha256) {

    /**
     * @throws IllegalArgumentException when nobody can be called that
     */
    public Entry {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "name '%s' is not 1 to 64 letters, digits, '.', '_' or '-'".formatted(name));
      }
      if (name.startsWith(ApiToken.PREFIX)) {
        throw new IllegalArgumentException(
            "the name is a token: expected '%s'".formatted(LINE_FORM));
      }
      if (name.equals(ANONYMOUS)) {
        throw new IllegalArgumentException(
            "the name '%s' is that of those without a token".formatted(name));
      }
    }

    /** As it is written. */
    public String line() {
      return "%s %s %s%s".formatted(name, role.wireName(), DIGEST, sha256.hex());
    }
  }

  /**
   * @throws IllegalArgumentException with one sentence, naming file and line
   */
  public static List<Entry> read(Path file) {
    return parse(file, content(file));
  }

  /**
   * The bytes of a file, to be compared and parsed.
   *
   * @throws IllegalArgumentException with one sentence when they cannot be had
   */
  public static byte[] content(Path file) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new IllegalArgumentException("%s is larger than %d bytes".formatted(file, BYTES_MAX));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * As {@link #read}, of what the file holds.
   *
   * @param file for the sentence only
   */
  public static List<Entry> parse(Path file, byte[] content) {
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Sha256> digests = new HashSet<>();
    int number = 0;
    for (String line :
        new String(content, StandardCharsets.UTF_8).lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Entry entry;
      try {
        entry = entry(line);
      } catch (IllegalArgumentException e) {
        throw wrong(file, number, e.getMessage(), e);
      }
      if (!names.add(entry.name())) {
        throw wrong(file, number, "there is a '%s' above already".formatted(entry.name()), null);
      }
      if (!digests.add(entry.sha256())) {
        throw wrong(file, number, "the token of a line above, under another name", null);
      }
      entries.add(entry);
    }
    if (entries.size() > TOKENS_MAX) {
      throw new IllegalArgumentException(
          "%s has %d tokens, at most %d are allowed".formatted(file, entries.size(), TOKENS_MAX));
    }
    return List.copyOf(entries);
  }

  /**
   * Adds a line; makes the file, readable by its owner only, if there is none.
   *
   * @throws IllegalArgumentException when the file is wrong or has that name already
   */
  public static void append(Path file, Entry entry) throws IOException {
    String before = "";
    if (Files.exists(file)) {
      if (read(file).stream().anyMatch(other -> other.name().equals(entry.name()))) {
        throw new IllegalArgumentException(
            "%s has a token named '%s' already; take another name, or remove its line first"
                .formatted(file, entry.name()));
      }
      before = Files.readString(file);
    } else {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    String lineEnd = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
    Files.writeString(file, lineEnd + entry.line() + "\n", StandardOpenOption.APPEND);
  }

  private static Entry entry(String line) {
    String[] words = BLANKS.split(line, -1);
    if (words.length != WORDS || !words[2].startsWith(DIGEST)) {
      throw new IllegalArgumentException("expected '%s'".formatted(LINE_FORM));
    }
    return new Entry(
        words[0], Role.parse(words[1]), Sha256.parse(words[2].substring(DIGEST.length())));
  }

  private static IllegalArgumentException wrong(
      Path file, int line, @Nullable String what, @Nullable Throwable cause) {
    return new IllegalArgumentException("%s:%d: %s".formatted(file, line, what), cause);
  }
}
