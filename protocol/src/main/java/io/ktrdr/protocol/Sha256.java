package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A SHA-256 digest as 64 lower-case hex digits: the address of an artifact. */
public record Sha256(@JsonValue String hex) {

  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  /**
   * @throws IllegalArgumentException when {@code hex} is not 64 lower-case hex digits
   */
  public Sha256 {
    requireNonNull(hex, "hex is null");
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256 digest in lower-case hex");
    }
  }

  @JsonCreator
  public static Sha256 parse(String hex) {
    return new Sha256(hex);
  }

  public static Sha256 of(byte[] bytes) {
    return of(digest -> digest.update(bytes));
  }

  /** Of a file's bytes, read a piece at a time. */
  public static Sha256 of(Path file) throws IOException {
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), sha256())) {
      in.transferTo(OutputStream.nullOutputStream());
      return digested(in.getMessageDigest());
    }
  }

  /**
   * Of what comes in pieces.
   *
   * @param pieces updates the digest with one after the other
   */
  public static Sha256 of(Consumer<MessageDigest> pieces) {
    MessageDigest digest = sha256();
    pieces.accept(digest);
    return digested(digest);
  }

  private static Sha256 digested(MessageDigest digest) {
    return new Sha256(HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The first twelve digits, for people. */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }
}
