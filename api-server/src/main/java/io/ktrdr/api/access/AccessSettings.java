package io.ktrdr.api.access;

import io.ktrdr.protocol.settings.Settings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the API asks for tokens, where it finds them, and how much one may ask of it.
 *
 * @param tokensFile {@code KTRDR_TOKENS_FILE}; empty: no token is asked for
 * @param exposed others than this machine's users may reach the API
 * @param changesPerSecond {@code KTRDR_RATE_LIMIT_CHANGES_PER_SECOND}; 0: no limit
 * @param badTokensPerMinute {@code KTRDR_RATE_LIMIT_BAD_TOKENS_PER_MINUTE}; 0: no limit
 */
public record AccessSettings(
    Optional<Path> tokensFile, boolean exposed, int changesPerSecond, int badTokensPerMinute) {

  private static final int CHANGES_PER_SECOND = 100;

  /** One address is then everybody, a load generator among them. */
  private static final int CHANGES_PER_SECOND_WITHOUT_TOKENS = 10_000;

  private static final int BAD_TOKENS_PER_MINUTE = 30;
  private static final int LIMIT_MAX = 1_000_000;

  private static final String AUTH = "KTRDR_AUTH";
  private static final String TOKENS_FILE = "KTRDR_TOKENS_FILE";

  /**
   * @param host the address the API listens on; {@code KTRDR_AUTH} is {@code off} by default only
   *     if that is loopback
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static AccessSettings of(Settings settings, String host) {
    boolean exposed = !isLoopback(host);
    boolean on = isOn(settings.text(AUTH, exposed ? "on" : "off"));
    Optional<Path> file = settings.text(TOKENS_FILE).map(Path::of);
    if (on && file.isEmpty()) {
      throw new IllegalArgumentException(
          ("%s is on (the API listens on %s) and %s is not set: make a file with 'ktrdr tokens"
                  + " create --name NAME --role operator --file FILE' and name it there, or set"
                  + " %s=off if nobody else can reach the API")
              .formatted(AUTH, host, TOKENS_FILE, AUTH));
    }
    return new AccessSettings(
        on ? file : Optional.empty(),
        exposed,
        settings.number(
            "KTRDR_RATE_LIMIT_CHANGES_PER_SECOND",
            on ? CHANGES_PER_SECOND : CHANGES_PER_SECOND_WITHOUT_TOKENS,
            0,
            LIMIT_MAX),
        settings.number(
            "KTRDR_RATE_LIMIT_BAD_TOKENS_PER_MINUTE", BAD_TOKENS_PER_MINUTE, 0, LIMIT_MAX));
  }

  /** No token is asked for; only this machine can ask. */
  public static AccessSettings off() {
    return new AccessSettings(Optional.empty(), false, 0, 0);
  }

  /** What the operator should hear at the start. */
  public Optional<String> warning() {
    return tokensFile.isEmpty() && exposed
        ? Optional.of(
            AUTH
                + " is off and other machines may reach the API: whoever does can submit, cancel"
                + " and drain, and is told the passwords of broker and database by registering as"
                + " a worker. Set "
                + AUTH
                + "=on, see docs/security.md")
        : Optional.empty();
  }

  private static boolean isOn(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "on" -> true;
      case "off" -> false;
      default ->
          throw new IllegalArgumentException(
              "%s is '%s', expected on or off".formatted(AUTH, text));
    };
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
