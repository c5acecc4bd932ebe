package io.ktrdr.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Where the time went: SQL statements by total time, and Java code by sampled stacks. */
final class Profile {

  private static final int ROWS = 25;
  private static final int STATEMENT_WIDTH = 110;

  private Profile() {}

  /** Statements, the most expensive first. */
  static List<String> statements(BenchDatabase database) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("SQL: total ms, calls, mean µs, rows a call");
    for (List<String> row :
        database.rows(
            """
            select round(total_exec_time), calls, round(1000 * total_exec_time / calls),
                   round(rows::numeric / calls, 1),
                   regexp_replace(query, '\\s+', ' ', 'g')
            from pg_stat_statements
            order by total_exec_time desc limit %d
            """
                .formatted(ROWS))) {
      String text = row.get(4);
      lines.add(
          "%8s %8s %7s %7s  %s"
              .formatted(
                  row.get(0),
                  row.get(1),
                  row.get(2),
                  row.get(3),
                  text.substring(0, Math.min(STATEMENT_WIDTH, text.length()))));
    }
    return lines;
  }

  /** Of every recording in a folder: threads and innermost own methods by share of samples. */
  static List<String> recordings(Path folder) {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jfr")).sorted().toList()) {
        // A process that was killed leaves an empty one.
        if (Files.size(file) > 0) {
          lines.addAll(recording(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private static List<String> recording(Path file) throws IOException {
    Map<String, Integer> threads = new HashMap<>();
    Map<String, Integer> packages = new HashMap<>();
    Map<String, Integer> own = new HashMap<>();
    int samples = 0;
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        boolean java = event.getEventType().getName().equals("jdk.ExecutionSample");
        if (!java && !event.getEventType().getName().equals("jdk.NativeMethodSample")) {
          continue;
        }
        if (!java || event.getStackTrace() == null) {
          continue;
        }
        samples++;
        var thread = event.getThread("sampledThread");
        String name = thread == null ? "?" : String.valueOf(thread.getJavaName());
        threads.merge(name.replaceAll("[0-9]+", "#"), 1, Integer::sum);
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        packages.merge(packageOf(frames.getFirst()), 1, Integer::sum);
        frames.stream()
            .map(Profile::methodOf)
            .filter(method -> method.startsWith("io.ktrdr."))
            .findFirst()
            .ifPresentOrElse(
                method -> own.merge(method, 1, Integer::sum),
                () -> own.merge("(no code of ours on the stack)", 1, Integer::sum));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("%s: %d samples of running Java code".formatted(file.getFileName(), samples));
    lines.addAll(top("by thread", threads, samples));
    lines.addAll(top("by innermost package", packages, samples));
    lines.addAll(top("by innermost method of ours", own, samples));
    return lines;
  }

  private static List<String> top(String title, Map<String, Integer> counts, int samples) {
    List<String> lines = new ArrayList<>();
    lines.add("  " + title);
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(ROWS)
        .forEach(entry ->
            lines.add(
                "  %5.1f %%  %s"
                    .formatted(100.0 * entry.getValue() / Math.max(1, samples), entry.getKey())));
    return lines;
  }

  private static String methodOf(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static String packageOf(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    int end = type.lastIndexOf('.');
    return end < 0 ? type : type.substring(0, end);
  }
}
