package io.ktrdr.protocol.access;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A secret whose holder the API lets in: {@code ktrdr_} and 256 random bits. Shown by {@link
 * #secret()} only, never by {@link #toString()}.
 */
public final class ApiToken {

  /** The setting a client or worker finds its token in. */
  public static final String SETTING = "KTRDR_API_TOKEN";

  /** The header a request carries it in. */
  public static final String HEADER = "Authorization";

  static final String PREFIX = "ktrdr_";
  private static final String SCHEME = "Bearer ";
  private static final int RANDOM_BYTES = 32;
  private static final Pattern FORM = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

  private final String secret;

  private ApiToken(String secret) {
    this.secret = secret;
  }

  /** One that nobody has had before. */
  public static ApiToken create(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return new ApiToken(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /**
   * @throws IllegalArgumentException without the text: it may be a secret all the same
   */
  public static ApiToken parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a token: expected %s and 43 letters, digits, '-' or '_'".formatted(PREFIX));
    }
    return new ApiToken(text);
  }

  /**
   * The token this process is to use; empty when it has none.
   *
   * @throws IllegalArgumentException with a sentence for the operator, and without the value
   */
  public static Optional<ApiToken> of(Settings settings) {
    Optional<String> text = settings.text(SETTING);
    try {
      return text.map(ApiToken::parse);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s is %s".formatted(SETTING, e.getMessage()), e);
    }
  }

  /**
   * The token of a request.
   *
   * @param header what came as {@value #HEADER}
   * @return empty when that is no token of ours
   */
  public static Optional<ApiToken> ofHeader(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String text = header.substring(SCHEME.length()).strip();
    return FORM.matcher(text).matches() ? Optional.of(new ApiToken(text)) : Optional.empty();
  }

  /** What is kept of it where tokens are checked. */
  public Sha256 sha256() {
    return Sha256.of(secret.getBytes(StandardCharsets.US_ASCII));
  }

  /** The value of {@value #HEADER}. */
  public String header() {
    return SCHEME + secret;
  }

  /** The token itself. */
  public String secret() {
    return secret;
  }

  @Override
  public String toString() {
    return PREFIX + "***";
  }
}
