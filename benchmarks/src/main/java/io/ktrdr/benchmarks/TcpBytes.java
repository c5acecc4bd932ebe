package io.ktrdr.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Payload bytes of the open TCP connections of some processes, as the kernel counts them ({@code
 * ss} of iproute2). A connection that was closed takes its bytes with it.
 */
record TcpBytes(long sent, long received) {

  private static final Pattern OWNER = Pattern.compile("pid=(\\d+),");
  private static final Pattern SENT = Pattern.compile("bytes_sent:(\\d+)");
  private static final Pattern RECEIVED = Pattern.compile("bytes_received:(\\d+)");

  /** Right now. */
  static TcpBytes of(Set<Long> processes) {
    long sent = 0;
    long received = 0;
    boolean ours = false;
    for (String line : sockets().lines().toList()) {
      // A socket's line, then one of its figures, which is indented.
      if (!line.startsWith("\t") && !line.startsWith(" ")) {
        Matcher owner = OWNER.matcher(line);
        ours = owner.find() && processes.contains(Long.parseLong(owner.group(1)));
      } else if (ours) {
        sent += number(SENT, line);
        received += number(RECEIVED, line);
      }
    }
    return new TcpBytes(sent, received);
  }

  private static long number(Pattern pattern, String line) {
    Matcher found = pattern.matcher(line);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private static String sockets() {
    try {
      Process process =
          new ProcessBuilder("ss", "-H", "-t", "-i", "-n", "-p", "state", "established")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes are counted by ss, of the package iproute2", e);
    }
  }
}
