package io.ktrdr.protocol.settings;

import java.util.regex.Pattern;

/** Values as anybody may see them. */
final class Masked {

  private static final String MASK = "***";

  /** Up to the last @: a password that is not encoded may hold one itself. */
  private static final Pattern IN_URL = Pattern.compile("(?<=://)([^/@:\\s]*):.*@");

  private static final Pattern IN_QUERY = Pattern.compile("(?i)(password=)[^&\\s]*");

  private Masked() {}

  /**
   * Without the passwords of URLs; nothing of a secret that is no URL.
   *
   * @param secret whether the whole value is one, unless it is a URL
   */
  static String of(String value, boolean secret) {
    if (secret && !value.isEmpty() && !value.contains("://")) {
      return MASK;
    }
    String url = IN_URL.matcher(value).replaceAll("$1:" + MASK + "@");
    return IN_QUERY.matcher(url).replaceAll("$1" + MASK);
  }
}
