package io.ktrdr.testkit;

import io.ktrdr.testkit.InvariantChecker.Violation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;

/**
 * What I6 says about the feeds of the API: read at once or in two parts with {@code Last-Event-ID},
 * the history of an operation that has ended has every number once.
 */
final class FeedInvariants {

  /** Histories that are read, the newest. */
  private static final int FEEDS_MAX = 20;

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String ID = "id:";
  private static final int NOTHING_NEW = 204;

  private final String apiUrl;

  /**
   * @param apiUrl no trailing slash
   */
  FeedInvariants(String apiUrl) {
    this.apiUrl = apiUrl;
  }

  /**
   * An operation that has ended.
   *
   * @param lastSeq number of its last event
   */
  record History(String operation, long lastSeq) {}

  List<Violation> check(InvariantChecker database) {
    return check(
        database
            .rows(
                """
                select id, last_event_seq from operations
                where status in ('completed', 'failed', 'cancelled')
                order by created_at desc limit %d
                """
                    .formatted(FEEDS_MAX))
            .stream()
            .map(FeedInvariants::history)
            .toList());
  }

  List<Violation> check(List<History> histories) {
    List<String> offenders = new ArrayList<>();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (History history : histories) {
        check(client, history, offenders);
      }
    }
    List<Violation> violations = new ArrayList<>();
    InvariantChecker.add(
        violations, "I6", "a feed that is resumed has a gap or repeats itself", offenders);
    return violations;
  }

  private void check(HttpClient client, History history, List<String> offenders) {
    for (long seen :
        LongStream.of(0, history.lastSeq() / 2, history.lastSeq()).distinct().toArray()) {
      List<Long> expected = LongStream.rangeClosed(seen + 1, history.lastSeq()).boxed().toList();
      try {
        List<Long> read = numbers(client, history.operation(), seen);
        if (!read.equals(expected)) {
          offenders.add("%s after %d: %s".formatted(history.operation(), seen, read));
        }
      } catch (IOException e) {
        offenders.add("%s after %d: %s".formatted(history.operation(), seen, e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted", e);
      }
    }
  }

  private List<Long> numbers(HttpClient client, String operation, long seen)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(apiUrl + "/api/v1/operations/" + operation + "/events"))
            .header("Accept", "text/event-stream");
    if (seen > 0) {
      request.header("Last-Event-ID", Long.toString(seen));
    }
    HttpResponse<String> answer = read(client, request.build());
    if (answer.statusCode() != 200 && answer.statusCode() != NOTHING_NEW) {
      throw new IOException("answered " + answer.statusCode());
    }
    return answer
        .body()
        .lines()
        .filter(line -> line.startsWith(ID))
        .map(line -> Long.valueOf(line.substring(ID.length()).strip()))
        .toList();
  }

  /** The client's own limit does not cover a body that never ends. */
  private static HttpResponse<String> read(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    try {
      return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("did not end within %d s".formatted(LIMIT.toSeconds()), e);
    }
  }

  private static History history(String row) {
    int bar = row.indexOf('|');
    return new History(
        row.substring(0, bar).strip(), Long.parseLong(row.substring(bar + 1).strip()));
  }
}
