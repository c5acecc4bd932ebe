package io.ktrdr.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.ktrdr.testkit.FeedInvariants.History;
import io.ktrdr.testkit.InvariantChecker.Violation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A feed with a gap, with a repetition or without an answer breaks I6, by name. */
final class FeedInvariantsTest {

  private static final List<History> HISTORY = List.of(new History("op_a", 5));

  /** Numbers an API answers to a reader that saw that one last. */
  private interface Feed {
    LongStream after(long seen);
  }

  @SuppressWarnings("NullAway.Init")
  private HttpServer api;

  private Feed feed = seen -> LongStream.rangeClosed(seen + 1, 5);

  @BeforeEach
  void startAnApi() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/api/v1/operations/op_a/events",
        exchange -> {
          String seen = exchange.getRequestHeaders().getFirst("Last-Event-ID");
          String text =
              feed.after(seen == null ? 0 : Long.parseLong(seen))
                  .mapToObj("id: %d\nevent: operation.progressed\ndata: {}\n\n"::formatted)
                  .collect(Collectors.joining("", "retry: 2000\n\n", ""));
          byte[] body = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    api.start();
  }

  @AfterEach
  void stopIt() {
    api.stop(0);
  }

  @Test
  void findsNothingInAFeedThatGoesOnWhereItEnded() {
    assertThat(violations()).isEmpty();
  }

  @Test
  void findsAGapInTheWholeFeed() {
    feed = seen -> LongStream.rangeClosed(seen + 1, 5).filter(number -> number != 3);
    assertThat(violations())
        .singleElement()
        .asString()
        .contains("I6", "op_a after 0: [1, 2, 4, 5]");
  }

  @Test
  void findsAFeedThatRepeatsTheEventSeenLast() {
    feed = seen -> LongStream.rangeClosed(Math.max(seen, 1), 5);
    assertThat(violations()).singleElement().asString().contains("op_a after 2: [2, 3, 4, 5]");
  }

  @Test
  void findsAFeedThatForgetsWhatHappenedMeanwhile() {
    feed = seen -> LongStream.rangeClosed(seen == 0 ? 1 : seen + 2, 5);
    assertThat(violations()).singleElement().asString().contains("op_a after 2: [4, 5]");
  }

  @Test
  void findsAnApiThatDoesNotAnswer() {
    api.stop(0);
    assertThat(violations()).singleElement().asString().contains("I6", "op_a", "ConnectException");
  }

  private List<Violation> violations() {
    return new FeedInvariants("http://127.0.0.1:" + api.getAddress().getPort()).check(HISTORY);
  }
}
