package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where Postgres is, from {@code DATABASE_URL}: {@code postgresql://user:password@host:port/name},
 * the form every tool shares, or the same with {@code jdbc:} in front. What follows a question
 * mark, such as {@code sslmode=verify-full}, is kept.
 *
 * @param jdbcUrl without user and password
 */
public record DatabaseUrl(String jdbcUrl, String user, String password) {

  private static final int DEFAULT_PORT = 5432;
  private static final String COMPLAINT =
      "DATABASE_URL cannot be read, expected postgresql://user:password@host:port/database";

  public DatabaseUrl {
    requireNonNull(jdbcUrl, "jdbcUrl is null");
    requireNonNull(user, "user is null");
    requireNonNull(password, "password is null");
  }

  /**
   * @throws IllegalArgumentException when the URL has another form; the message omits the password
   */
  public static DatabaseUrl parse(String url) {
    String plain = url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url;
    URI uri = uri(plain.replaceFirst("^postgres:", "postgresql:"));
    String userInfo = uri.getRawUserInfo();
    String path = uri.getPath();
    if (!"postgresql".equals(uri.getScheme())
        || uri.getHost() == null
        || userInfo == null
        || path == null
        || path.length() < 2) {
      throw new IllegalArgumentException(COMPLAINT);
    }
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
    String password = colon < 0 ? "" : userInfo.substring(colon + 1);
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new DatabaseUrl(
        "jdbc:postgresql://%s:%d%s%s"
            .formatted(
                uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), path, query),
        decoded(user),
        decoded(password));
  }

  /**
   * The same, with this authority's certificates for the check the URL asks for ({@code
   * sslmode=verify-full} or {@code verify-ca}); as it is when it asks for none or names a file
   * itself.
   */
  public DatabaseUrl withRootCertificates(Path file) {
    return jdbcUrl.contains("sslmode=verify-") && !jdbcUrl.contains("sslrootcert=")
        ? new DatabaseUrl(
            "%s&sslrootcert=%s"
                .formatted(jdbcUrl, URLEncoder.encode(file.toString(), StandardCharsets.UTF_8)),
            user,
            password)
        : this;
  }

  /** Leaves the cause out: it quotes the URL with its password. */
  private static URI uri(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "%s (%s)".formatted(COMPLAINT, e.getReason().toLowerCase(Locale.ROOT)));
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return jdbcUrl + " as " + user;
  }
}
