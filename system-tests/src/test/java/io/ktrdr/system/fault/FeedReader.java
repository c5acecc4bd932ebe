package io.ktrdr.system.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A reader of one operation's feed, as a browser is. For one thread. */
final class FeedReader implements AutoCloseable {

  /** Longer than the feed's pings are apart. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(20);

  /** A feed that does not end by then never will. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String ID = "id:";

  private final HttpURLConnection connection;
  private final BufferedReader lines;
  private final long opened = System.nanoTime();

  private FeedReader(HttpURLConnection connection) throws IOException {
    this.connection = connection;
    this.lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * @param seen number of the event seen last; 0 for none
   */
  static FeedReader open(String apiUrl, String operation, long seen) throws IOException {
    URI uri = URI.create(apiUrl + "/api/v1/operations/" + operation + "/events");
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setReadTimeout((int) SILENCE_MAX.toMillis());
    connection.setRequestProperty("Accept", "text/event-stream");
    if (seen > 0) {
      connection.setRequestProperty("Last-Event-ID", Long.toString(seen));
    }
    return new FeedReader(connection);
  }

  /** Number of the next event; empty when the feed has ended. */
  Optional<Long> next() throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (System.nanoTime() - opened > LIMIT.toNanos()) {
        throw new IOException("the feed did not end within %d s".formatted(LIMIT.toSeconds()));
      }
      if (line.startsWith(ID)) {
        return Optional.of(Long.valueOf(line.substring(ID.length()).strip()));
      }
    }
    return Optional.empty();
  }

  /** Drops out. */
  @Override
  public void close() {
    connection.disconnect();
  }
}
