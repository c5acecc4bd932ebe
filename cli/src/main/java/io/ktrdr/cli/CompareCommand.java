package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr backtests compare}. */
@Command(
    name = "compare",
    description = "Settings, figures and curves of backtests side by side.",
    footer = {
      "",
      "Example:",
      "  ktrdr backtests compare op_backtest_… op_backtest_…",
      "  ktrdr backtests compare op_backtest_… op_backtest_… --html side-by-side.html"
    })
final class CompareCommand implements Callable<Integer> {

  /** What differs between runs without saying anything of them. */
  private static final Set<String> LEFT_OUT =
      Set.of("undefined", "conventions", "warnings", "config", "partial");

  @ParentCommand private BacktestsCommand parent = new BacktestsCommand();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "OPERATION", arity = "2..8")
  private List<String> ids = List.of();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Write them as one HTML page, with the curves over each other; - is standard output.")
  private @Nullable Path html;

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    String path =
        "/api/v1/backtests/compare?ids="
            + URLEncoder.encode(String.join(",", ids), StandardCharsets.UTF_8);
    if (html != null) {
      TextFiles.writePage(spec, context, html, context.api().download(path + "&format=html"));
      return ExitCode.DONE;
    }
    JsonNode answer = context.api().fetch(path);
    if (context.json()) {
      context.printJson(answer);
    } else {
      context.print(table(answer.path("backtests")) + curves(answer.path("backtests")));
    }
    return ExitCode.DONE;
  }

  private String table(JsonNode backtests) {
    List<Map<String, String>> columns = new ArrayList<>();
    Set<String> rows = new LinkedHashSet<>();
    for (JsonNode backtest : backtests) {
      Map<String, String> column = new LinkedHashMap<>();
      column.put("status", backtest.path("status").asText());
      flatten("", backtest.path("result").path("config"), column);
      flatten("", backtest.path("result"), column);
      columns.add(column);
      rows.addAll(column.keySet());
    }
    List<String> head = new ArrayList<>(List.of(""));
    head.addAll(ids);
    Table table = new Table(head.toArray(String[]::new));
    for (String row : rows) {
      List<String> cells = new ArrayList<>(List.of(row));
      columns.forEach(column -> cells.add(column.getOrDefault(row, "–")));
      table.add(cells.toArray(String[]::new));
    }
    return table.render();
  }

  /** One line of blocks each, all on one scale of time and of value. */
  private static String curves(JsonNode backtests) {
    List<Sparkline> lines = new ArrayList<>();
    for (JsonNode backtest : backtests) {
      if (!backtest.path("curve").isEmpty()) {
        lines.add(Sparkline.of(backtest.path("operation_id").asText(), backtest.path("curve")));
      }
    }
    return lines.isEmpty() ? "" : System.lineSeparator() + Sparkline.render(lines);
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> column) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (prefix.isEmpty() && LEFT_OUT.contains(field.getKey())) {
        continue;
      }
      String name = prefix + field.getKey();
      if (field.getValue().isObject()) {
        flatten(name + ".", field.getValue(), column);
      } else if (field.getValue().isFloatingPointNumber()) {
        column.put(name, String.format(Locale.ROOT, "%.6g", field.getValue().asDouble()));
      } else {
        column.put(name, field.getValue().isNull() ? "–" : field.getValue().asText());
      }
    }
  }
}
