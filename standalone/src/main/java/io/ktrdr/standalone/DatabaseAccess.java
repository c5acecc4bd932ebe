package io.ktrdr.standalone;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How to reach one Postgres database.
 *
 * @param host name or address
 * @param port TCP port
 * @param database its name
 * @param user role to log in as
 * @param password its password; empty when none is needed
 * @param parameters of the URL, such as {@code sslmode=verify-full}; empty for none
 */
public record DatabaseAccess(
    String host, int port, String database, String user, String password, String parameters) {

  private static final int DEFAULT_PORT = 5432;

  /** Without parameters. */
  public DatabaseAccess(String host, int port, String database, String user, String password) {
    this(host, port, database, user, password, "");
  }

  /**
   * Reads {@code postgresql://user:pw@host:port/db} or {@code
   * jdbc:postgresql://host:port/db?user=…&password=…}.
   *
   * @throws StandaloneException {@code DATABASE_URL_INVALID} when it is neither
   */
  public static DatabaseAccess parse(String url) {
    String plain = url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url;
    URI uri;
    try {
      uri = new URI(plain);
    } catch (URISyntaxException e) {
      throw invalid("it is not a URL (" + e.getReason() + ")");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("postgresql") && !scheme.equals("postgres")) {
      throw invalid("it must start with postgresql:// or jdbc:postgresql://");
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || path.length() < 2) {
      throw invalid("it must name a host and a database");
    }
    String user = System.getProperty("user.name", "postgres");
    String password = "";
    if (uri.getRawUserInfo() != null) {
      String[] parts = uri.getRawUserInfo().split(":", 2);
      user = decode(parts[0]);
      password = parts.length > 1 ? decode(parts[1]) : "";
    }
    List<String> kept = new ArrayList<>();
    for (String parameter : splitQuery(uri.getRawQuery())) {
      String[] parts = parameter.split("=", 2);
      String value = parts.length > 1 ? decode(parts[1]) : "";
      if (parts[0].equals("user")) {
        user = value;
      } else if (parts[0].equals("password")) {
        password = value;
      } else {
        kept.add(parameter);
      }
    }
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    return new DatabaseAccess(
        uri.getHost(), port, path.substring(1), user, password, String.join("&", kept));
  }

  /** {@code postgresql://user:password@host:port/database}, as psql and our processes take it. */
  public String url() {
    String login = password.isEmpty() ? encode(user) : encode(user) + ":" + encode(password);
    return "postgresql://" + login + "@" + host + ":" + port + "/" + database + query();
  }

  /** The JDBC URL, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database + query();
  }

  private String query() {
    return parameters.isEmpty() ? "" : "?" + parameters;
  }

  /** The same server and role, another database. */
  public DatabaseAccess withDatabase(String other) {
    return new DatabaseAccess(host, port, other, user, password, parameters);
  }

  /** A new connection; the caller closes it. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), user, password);
  }

  /**
   * Logs in once.
   *
   * @throws StandaloneException {@code DATABASE_UNREACHABLE} saying why not
   */
  void requireReachable() {
    String limited =
        jdbcUrl() + (parameters.isEmpty() ? "?" : "&") + "connectTimeout=5&loginTimeout=5";
    try (Connection connection = DriverManager.getConnection(limited, user, password)) {
      connection.isValid(1);
    } catch (SQLException e) {
      throw new StandaloneException(
          "DATABASE_UNREACHABLE",
          "Could not log in to "
              + jdbcUrl()
              + " as "
              + user
              + ": "
              + e.getMessage()
              + " Check DATABASE_URL, or unset it to use a private Postgres.",
          e);
    }
  }

  private static List<String> splitQuery(String query) {
    List<String> parameters = new ArrayList<>();
    if (query != null) {
      for (String parameter : query.split("&", -1)) {
        parameters.add(parameter);
      }
    }
    return parameters;
  }

  private static StandaloneException invalid(String reason) {
    return new StandaloneException(
        "DATABASE_URL_INVALID",
        "The database URL cannot be used: "
            + reason
            + ". Write it as postgresql://user:password@host:5432/database.");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
