package io.ktrdr.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import io.ktrdr.protocol.access.TokensFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The file of tokens, read again while the API runs. */
final class TokensTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ApiToken alices = ApiToken.create(new SecureRandom());
  private final ApiToken bobs = ApiToken.create(new SecureRandom());
  private final Entry alice = new Entry("alice", Role.OPERATOR, alices.sha256());
  private final Entry bob = new Entry("bob", Role.VIEWER, bobs.sha256());
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void listen() {
    file = folder.resolve("tokens.txt");
    log.start();
    logger().addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger().detachAppender(log);
  }

  @Test
  void aTokenCountsFromWhenItIsInTheFileUntilItIsOut() throws IOException {
    write(alice);
    try (Tokens tokens = new Tokens(file)) {
      tokens.start();
      assertThat(tokens.holderOf(alices)).hasValue(new Tokens.Holder("alice", Role.OPERATOR));
      assertThat(tokens.holderOf(bobs)).isEmpty();

      write(alice, bob);
      await().atMost(LIMIT).until(() -> tokens.holderOf(bobs).isPresent());
      write(bob);
      await().atMost(LIMIT).until(() -> tokens.holderOf(alices).isEmpty());
      assertThat(tokens.holderOf(bobs)).hasValue(new Tokens.Holder("bob", Role.VIEWER));
      assertThat(errors()).isEmpty();
    }
  }

  @Test
  void aFileThatIsWrongGoneOrEmptyChangesNothingButTheLog() throws IOException {
    write(alice);
    try (Tokens tokens = new Tokens(file)) {
      tokens.start();
      Files.writeString(file, alice.line() + "\nbob viewer\n");
      await().atMost(LIMIT).until(() -> errors().size() == 1);
      assertThat(errors().getFirst()).contains(file + ":2: expected");
      Files.delete(file);
      await().atMost(LIMIT).until(() -> errors().size() == 2);
      assertThat(errors().get(1)).contains("cannot be read");
      Files.writeString(file, "# nobody\n");
      await().atMost(LIMIT).until(() -> errors().size() == 3);
      assertThat(errors().get(2)).contains("has no token");
      assertThat(tokens.holderOf(alices)).isPresent();

      write(bob);
      await().atMost(LIMIT).until(() -> tokens.holderOf(bobs).isPresent());
      assertThat(tokens.holderOf(alices)).isEmpty();
      assertThat(errors()).hasSize(3).noneMatch(line -> line.contains(alices.secret()));
    }
  }

  @Test
  void aFileThatIsWrongAtTheStartIsRefused() throws IOException {
    assertThatThrownBy(() -> new Tokens(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be read");
    Files.writeString(file, "\n# nobody\n");
    assertThatThrownBy(() -> new Tokens(file))
        .hasMessageContainingAll(file.toString(), "has no token", "ktrdr tokens create");
    Files.writeString(file, "\nalice operator\n");
    assertThatThrownBy(() -> new Tokens(file)).hasMessageStartingWith(file + ":2: ");
    Files.writeString(file, "");
    TokensFile.append(file, alice);
    try (Tokens tokens = new Tokens(file)) {
      assertThat(tokens.holderOf(alices)).isPresent();
    }
  }

  private void write(Entry... entries) throws IOException {
    Path next = folder.resolve("next");
    Files.writeString(
        next, List.of(entries).stream().map(Entry::line).collect(Collectors.joining("\n")));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private List<String> errors() {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.ERROR)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(Tokens.class);
  }
}
