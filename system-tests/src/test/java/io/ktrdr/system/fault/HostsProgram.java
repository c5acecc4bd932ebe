package io.ktrdr.system.fault;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The program that plays a {@link ManyHosts} in a network namespace of its own: reads the names of
 * scenarios, a line each, and answers with a line of JSON each; ends with its input.
 */
public final class HostsProgram {

  private HostsProgram() {}

  /** Plays what it is told to. */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    // What libraries print must not be taken for an answer.
    System.setOut(System.err);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (ManyHosts hosts = new ManyHosts()) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        answers.println(play(hosts, order));
        answers.flush();
      }
    }
  }

  private static ObjectNode play(ManyHosts hosts, String order) {
    ObjectNode answer = Json.mapper().createObjectNode();
    try {
      Duration measured =
          switch (Scenario.valueOf(order)) {
            case REAL_WORK -> hosts.realWork();
            case SHORT_CUT -> hosts.cut(Duration.ofSeconds(35));
            case LONG_CUT -> hosts.cut(Duration.ofMinutes(2));
            case SLOW_AND_LOSSY -> hosts.slowAndLossy();
            case BEHIND_NAT -> hosts.behindNat();
          };
      return answer.put("milliseconds", measured.toMillis());
    } catch (Exception | AssertionError e) {
      hosts.stopWorkers();
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      return answer.put("failure", text.toString());
    }
  }

  /** What can be played. */
  enum Scenario {
    REAL_WORK,
    SHORT_CUT,
    LONG_CUT,
    SLOW_AND_LOSSY,
    BEHIND_NAT
  }
}
