package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Backtests side by side: settings, figures and curves; as JSON, or as a page without a network.
 */
public final class Comparison {

  /** Most that can be told apart. */
  public static final int BACKTESTS_MAX = 8;

  /** A curve has two points for each of them at most. */
  static final int COLUMNS = 300;

  private static final int ROWS_MAX = 200;

  /** Enough to see whether two are equal. */
  private static final int DIGEST_CHARACTERS = 12;

  /** What differs between runs without saying anything of them. */
  private static final Set<String> LEFT_OUT =
      Set.of("undefined", "conventions", "warnings", "config", "partial");

  private final List<Entry> entries;

  private Comparison(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * One of them. Of its curve no more is kept than is drawn.
   *
   * @param result empty before its end
   * @param curve empty without an equity curve
   */
  public record Entry(String id, String status, Optional<JsonNode> result, Optional<Drawn> curve) {

    /**
     * @param equity the artifact of that name
     */
    public static Entry of(
        String id, String status, Optional<JsonNode> result, Optional<byte[]> equity) {
      return new Entry(
          id,
          status,
          result,
          equity
              .map(Curve::read)
              .map(stored ->
                  result.map(known -> stored.from(Tearsheet.capital(known, stored))).orElse(stored))
              .map(Drawn::of));
    }

    private String name() {
      return result
          .map(known ->
              "%s on %s %s"
                  .formatted(
                      known.path("strategy_name").asText(),
                      known.path("symbol").asText(),
                      known.path("timeframe").asText()))
          .orElse("no result: " + status);
    }
  }

  /**
   * The points of a curve that are drawn.
   *
   * @param times in epoch seconds
   * @param under distance below the highest equity so far, as a negative fraction
   */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Drawn(long[] times, double[] equity, double[] under) {

    private static Drawn of(Curve curve) {
      int[] chosen = Outline.of(curve.equity(), COLUMNS);
      double[] under = curve.underwater();
      int last = curve.size() - 1;
      boolean open = chosen[0] != 0;
      boolean ended = chosen[chosen.length - 1] == last;
      List<Integer> all = new ArrayList<>();
      if (open) {
        all.add(0);
      }
      for (int i : chosen) {
        all.add(i);
      }
      if (!ended) {
        all.add(last);
      }
      return new Drawn(
          all.stream().mapToLong(i -> curve.times()[i]).toArray(),
          all.stream().mapToDouble(i -> curve.equity()[i]).toArray(),
          all.stream().mapToDouble(i -> under[i]).toArray());
    }

    /** Beginning at 100. */
    private double[] relative() {
      double[] values = new double[equity.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = 100 * equity[i] / equity[0];
      }
      return values;
    }
  }

  /** In the order they were asked for. */
  public static ObjectNode json(List<Entry> entries) {
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode all = json.putArray("backtests");
    for (Entry entry : entries) {
      ObjectNode one = all.addObject();
      one.put("operation_id", entry.id()).put("status", entry.status());
      one.set("result", entry.result().orElse(NullNode.getInstance()));
      ArrayNode curve = one.putArray("curve");
      entry
          .curve()
          .ifPresent(drawn -> {
            for (int i = 0; i < drawn.times().length; i++) {
              curve
                  .addObject()
                  .put("timestamp", Instant.ofEpochSecond(drawn.times()[i]).toString())
                  .put("portfolio_value", drawn.equity()[i]);
            }
          });
    }
    return json;
  }

  /** One page, HTML that needs no network and no script. */
  public static String html(List<Entry> entries) {
    return new Comparison(entries).html();
  }

  private String html() {
    Page page = new Page("Backtests side by side");
    String[] legend = new String[2 * entries.size()];
    page.openTable("", "what", "from", "to", "operation");
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      legend[2 * i] = line(i);
      legend[2 * i + 1] = "%d: %s".formatted(i + 1, entry.name());
      page.row(
          String.valueOf(i + 1),
          entry.name(),
          entry.curve().map(curve -> Texts.day(curve.times()[0])).orElse("–"),
          entry
              .curve()
              .map(curve -> Texts.day(curve.times()[curve.times().length - 1]))
              .orElse("–"),
          entry.id());
    }
    page.closeTable();
    addCurves(page, legend);
    List<Map<String, String>> settings = new ArrayList<>();
    List<Map<String, String>> figures = new ArrayList<>();
    for (Entry entry : entries) {
      settings.add(new LinkedHashMap<>());
      figures.add(new LinkedHashMap<>());
      entry
          .result()
          .ifPresent(result -> {
            flatten("", result.path("config"), settings.getLast());
            flatten("", result, figures.getLast());
          });
    }
    addTable(page, "Settings that differ", settings, true);
    addTable(page, "Figures", figures, false);
    return page.finished();
  }

  private static String line(int i) {
    return "line" + (i + 1);
  }

  private void addCurves(Page page, String[] legend) {
    List<Drawn> drawn = entries.stream().flatMap(entry -> entry.curve().stream()).toList();
    if (drawn.isEmpty()) {
      page.note("None of them has an equity curve.");
      return;
    }
    Scale time =
        Scale.of(
            drawn.stream().mapToDouble(curve -> (double) curve.times()[0]).min().orElse(0),
            drawn.stream()
                .mapToDouble(curve -> (double) curve.times()[curve.times().length - 1])
                .max()
                .orElse(0));
    page.heading("Equity", "each begins at 100; of long runs the lowest and highest points");
    page.legend(legend);
    Scale value = over(drawn, Drawn::relative);
    Chart equity =
        new Chart(
            "Equity of each backtest",
            "%d curves, each beginning at 100.".formatted(drawn.size()),
            Chart.WIDE,
            320,
            time,
            value);
    page.wide(lines(equity, Texts::units, Drawn::relative));
    page.heading("Drawdown");
    Chart under =
        new Chart(
            "Drawdown of each backtest",
            "Distance below the highest equity so far.",
            Chart.WIDE,
            180,
            time,
            over(drawn, Drawn::under));
    page.wide(lines(under, Texts::shortPercent, Drawn::under));
  }

  private static Scale over(List<Drawn> drawn, Function<Drawn, double[]> column) {
    DoubleSummaryStatistics values =
        drawn.stream().map(column).flatMapToDouble(Arrays::stream).summaryStatistics();
    return Scale.roomy(values.getMin(), values.getMax());
  }

  private String lines(Chart chart, Chart.Label label, Function<Drawn, double[]> column) {
    chart.yAxis(label).dayAxis();
    for (int i = 0; i < entries.size(); i++) {
      String css = line(i);
      entries
          .get(i)
          .curve()
          .ifPresent(curve -> chart.line(css, curve.times(), column.apply(curve)));
    }
    return chart.svg();
  }

  private void addTable(
      Page page, String title, List<Map<String, String>> columns, boolean differing) {
    // By name: the database keeps the fields of a result in no order a reader would look for.
    Set<String> names = new TreeSet<>();
    columns.forEach(column -> names.addAll(column.keySet()));
    if (differing) {
      names.removeIf(name ->
          columns.stream().map(column -> column.getOrDefault(name, "–")).distinct().count() < 2);
    }
    page.heading(title);
    if (names.isEmpty()) {
      page.note("None.");
      return;
    }
    String[] headings = new String[entries.size() + 1];
    headings[0] = "";
    for (int i = 0; i < entries.size(); i++) {
      headings[i + 1] = String.valueOf(i + 1);
    }
    page.openTable(headings);
    names.stream()
        .limit(ROWS_MAX)
        .forEach(name ->
            page.row(
                name,
                columns.stream()
                    .map(column -> column.getOrDefault(name, "–"))
                    .toArray(String[]::new)));
    page.closeTable();
    if (names.size() > ROWS_MAX) {
      page.note("%d more are in the JSON.".formatted(names.size() - ROWS_MAX));
    }
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> column) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = field.getValue();
      String name = prefix + field.getKey();
      if (value.isObject()) {
        if (!prefix.isEmpty() || !LEFT_OUT.contains(field.getKey())) {
          flatten(name + ".", value, column);
        }
      } else if (value.isFloatingPointNumber()) {
        column.put(name, String.format(Locale.ROOT, "%.6g", value.doubleValue()));
      } else if (name.endsWith("sha256")) {
        String digest = value.asText();
        column.put(name, digest.substring(0, Math.min(DIGEST_CHARACTERS, digest.length())) + "…");
      } else if (value.isValueNode() && !LEFT_OUT.contains(name)) {
        column.put(name, value.isNull() ? "–" : value.asText());
      }
    }
  }
}
