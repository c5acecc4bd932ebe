package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
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

  /**
   * Of what comes in pieces.
   *
   * @param pieces updates the digest with one after the other
   */
  public static Sha256 of(Consumer<MessageDigest> pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      pieces.accept(digest);
      return new Sha256(HexFormat.of().formatHex(digest.digest()));
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
