package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The live feed: resumed anywhere, nothing is missing and nothing comes twice (I6). */
final class FeedIT {

  private static final Duration SOON = Duration.ofSeconds(5);

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() {
    api =
        new ApiFixture("amqp://guest:guest@127.0.0.1:1/", RepositoryRoot.find().resolve("models"));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void eventsArriveAsTheyHappenAndTheStreamEndsWithTheOperation() throws Exception {
    String id = submitted();
    try (Stream stream = new Stream(id, "")) {
      assertThat(stream.next()).isEqualTo(1);
      append(id, 3);
      assertThat(List.of(stream.next(), stream.next(), stream.next())).containsExactly(2L, 3L, 4L);
      assertThat(stream.preamble).contains("retry: 2000");
      assertThat(stream.connection.getHeaderField("X-Accel-Buffering")).isEqualTo("no");
      assertThat(stream.connection.getContentType()).startsWith("text/event-stream");

      assertThat(api.post(path(id) + "/cancel", "").status()).isEqualTo(200);
      assertThat(stream.next()).isEqualTo(5);
      assertThat(stream.lastType).isEqualTo("operation.cancelled");
      assertThat(stream.ended()).isTrue();
    }
  }

  @Test
  void droppedConnectionResumesAfterTheLastEventSeenOverALargeGap() throws Exception {
    String id = submitted();
    List<Long> seen = new ArrayList<>();
    try (Stream stream = new Stream(id, "")) {
      append(id, 2);
      for (int i = 0; i < 3; i++) {
        seen.add(stream.next());
      }
    }
    append(id, 1500);
    try (Stream stream = new Stream(id, Long.toString(seen.getLast()))) {
      append(id, 7);
      for (int i = 0; i < 1507; i++) {
        seen.add(stream.next());
      }
    }
    assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 1510).boxed().toList());
  }

  @Test
  void endedOperationSendsNobodyBackUntilItIsRetried() throws Exception {
    String id = submitted();
    assertThat(api.post(path(id) + "/cancel", "").status()).isEqualTo(200);
    try (Stream stream = new Stream(id, "2")) {
      assertThat(stream.connection.getResponseCode()).isEqualTo(204);
    }
    assertThat(api.post(path(id) + "/retry", "").status()).isEqualTo(202);
    try (Stream stream = new Stream(id, "2")) {
      assertThat(stream.next()).isEqualTo(3);
      assertThat(stream.lastType).isEqualTo("operation.retried");
    }
  }

  @Test
  void listIsPagedByTheSameNumbers() throws Exception {
    String id = submitted();
    append(id, 4);
    JsonNode first = list(id, "?limit=2");
    assertThat(first.path("events").findValuesAsText("seq")).containsExactly("1", "2");
    assertThat(first.path("more").asBoolean()).isTrue();
    JsonNode rest = list(id, "?after=" + first.path("next_after").asLong());
    assertThat(rest.path("events").findValuesAsText("seq")).containsExactly("3", "4", "5");
    assertThat(rest.path("more").asBoolean()).isFalse();
    assertThat(rest.path("events").path(0).path("payload").path("n").asInt()).isEqualTo(2);
  }

  @Test
  void foreignNumberIsRefused() throws Exception {
    String id = submitted();
    try (Stream stream = new Stream(id, "99")) {
      assertThat(stream.connection.getResponseCode()).isEqualTo(400);
    }
    try (Stream stream = new Stream(id, "soon")) {
      assertThat(stream.connection.getResponseCode()).isEqualTo(400);
    }
    try (Stream stream = new Stream("op_backtest_20240101_000000_abcdef", "")) {
      assertThat(stream.connection.getResponseCode()).isEqualTo(404);
    }
  }

  private static String path(String id) {
    return "/api/v1/operations/" + id;
  }

  private static JsonNode list(String id, String query) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) api.url(path(id) + "/events" + query).toURL().openConnection();
    connection.setRequestProperty("Accept", "application/json");
    return io.ktrdr.protocol.Json.mapper().readTree(connection.getInputStream());
  }

  private static String submitted() throws IOException, InterruptedException {
    return api.post(
            "/api/v1/trainings/start",
            "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}")
        .body()
        .path("operation_id")
        .asText();
  }

  /** As any API of this database would. */
  private static void append(String id, int events) {
    api.jdbi()
        .useTransaction(handle ->
            handle
                .createUpdate(
                    """
                    with next as (
                      update operations set last_event_seq = last_event_seq + :events
                      where id = :id returning last_event_seq - :events as base
                    )
                    insert into operation_events (operation_id, seq, event_id, type, payload)
                    select :id, base + n, gen_random_uuid(), 'operation.progressed',
                           jsonb_build_object('n', n)
                    from next, generate_series(1, :events) n
                    """)
                .bind("id", id)
                .bind("events", events)
                .execute());
  }

  /** A reader of the stream. */
  private static final class Stream implements AutoCloseable {
    private final HttpURLConnection connection;
    private final StringBuilder preamble = new StringBuilder();
    private String lastType = "";
    private BufferedReader lines = new BufferedReader(java.io.Reader.nullReader());

    Stream(String id, String lastEventId) throws IOException {
      connection = (HttpURLConnection) api.url(path(id) + "/events").toURL().openConnection();
      connection.setReadTimeout((int) SOON.toMillis());
      connection.setRequestProperty("Accept", "text/event-stream");
      if (!lastEventId.isEmpty()) {
        connection.setRequestProperty("Last-Event-ID", lastEventId);
      }
      if (connection.getResponseCode() == 200) {
        lines =
            new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
      }
    }

    long next() throws IOException {
      long id = 0;
      String line = lines.readLine();
      while (line != null) {
        if (line.startsWith("id: ")) {
          id = Long.parseLong(line.substring("id: ".length()));
        } else if (line.startsWith("event: ")) {
          lastType = line.substring("event: ".length());
        } else if (line.isEmpty() && id > 0) {
          return id;
        } else if (id == 0) {
          preamble.append(line).append('\n');
        }
        line = lines.readLine();
      }
      throw new AssertionError("the stream ended");
    }

    boolean ended() throws IOException {
      return lines.readLine() == null;
    }

    @Override
    public void close() {
      connection.disconnect();
    }
  }
}
