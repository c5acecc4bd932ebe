package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What became of the capital: curves, rolling figures, years and months, returns, drawdowns. */
final class EquityPart {

  private static final int DRAWDOWNS_SHOWN = 10;
  private static final int MONTHS = 12;

  /** Most years in tables and charts; the last ones. */
  static final int YEARS_SHOWN = 60;

  /** Shades of a cell on each side of zero. */
  private static final int SHADES = 6;

  private static final int BINS = 41;

  private final Page page;
  private final Curve curve;
  private final JsonNode result;
  private final Optional<TrainingRange> training;

  EquityPart(Page page, Curve curve, JsonNode result) {
    this.page = page;
    this.curve = curve;
    this.result = result;
    this.training = TrainingRange.of(result);
  }

  void add() {
    page.heading("Equity");
    page.legend("strategy", "strategy", "benchmark", "buy and hold");
    double least = Math.min(least(curve.equity()), least(curve.benchmark()));
    double most = Math.max(most(curve.equity()), most(curve.benchmark()));
    page.wide(equity("Equity", 280, Scale.roomy(least, most)));
    if (least > 0) {
      page.heading("Equity, logarithmic", "equal distances are equal percentages");
      page.wide(equity("Equity, logarithmic", 220, Scale.logarithmic(least, most)));
    }
    training.ifPresent(this::addSamples);
    addDrawdown();
    Rolling.of(curve).ifPresent(this::addRolling);
    addYears();
    addMonths();
    addReturns();
    addDrawdowns();
  }

  private String equity(String title, int height, Scale scale) {
    double[] equity = curve.equity();
    Chart chart =
        overTime(
            title,
            "Equity from %s to %s, lowest %s, highest %s; beside it what buying and holding would have made."
                .formatted(
                    Texts.money(equity[0]),
                    Texts.money(equity[equity.length - 1]),
                    Texts.money(least(equity)),
                    Texts.money(most(equity))),
            height,
            scale);
    training.ifPresent(range ->
        chart.band("seen", (double) range.from(), (double) range.to(), "model trained on"));
    return chart
        .yAxis(Texts::units)
        .dayAxis()
        .line("benchmark", curve.times(), curve.benchmark())
        .line("strategy", curve.times(), equity)
        .svg();
  }

  private Chart overTime(String title, String about, int height, Scale scale) {
    long[] times = curve.times();
    Scale time = Scale.of((double) times[0], (double) times[times.length - 1]);
    return new Chart(title, about, Chart.WIDE, height, time, scale);
  }

  /** The same figures over the bars the model was trained on and over those it never saw. */
  private void addSamples(TrainingRange range) {
    page.heading(
        "In and out of sample", "trained on %s to %s".formatted(range.start(), range.end()));
    page.openTable("", "returns", "compounded", "Sharpe ratio");
    addSample("in sample", range, true);
    addSample("out of sample", range, false);
    page.closeTable();
  }

  private void addSample(String name, TrainingRange range, boolean seen) {
    double[] all = curve.returns();
    double[] chosen = new double[all.length];
    int n = 0;
    double product = 1;
    for (int i = 0; i < all.length; i++) {
      if (range.contains(curve.times()[i + 1]) == seen) {
        chosen[n++] = all[i];
        product *= 1 + all[i];
      }
    }
    double sharpe = sharpe(Arrays.copyOf(chosen, n), curve.periodsPerYear());
    page.row(
        name,
        String.valueOf(n),
        n == 0 ? "–" : Texts.percent(product - 1),
        Double.isFinite(sharpe) ? String.format(Locale.ROOT, "%.2f", sharpe) : "–");
  }

  /** {@code mean / std √P}; not a number when it is not defined. */
  static double sharpe(double[] returns, double periodsPerYear) {
    double mean = Arrays.stream(returns).average().orElse(Double.NaN);
    double squares = Arrays.stream(returns).map(r -> (r - mean) * (r - mean)).sum();
    double deviation = Math.sqrt(squares / (returns.length - 1));
    return deviation > 1e-12 ? mean / deviation * Math.sqrt(periodsPerYear) : Double.NaN;
  }

  private void addDrawdown() {
    double[] under = curve.underwater();
    page.heading("Drawdown");
    page.wide(
        overTime(
                "Drawdown",
                "Distance below the highest equity so far; deepest " + Texts.percent(least(under)),
                160,
                Scale.roomy(least(under), 0))
            .yAxis(Texts::shortPercent)
            .dayAxis()
            .area("under", curve.times(), under, 0)
            .svg());
  }

  private void addRolling(Rolling rolling) {
    String hint = "of the last %d returns".formatted(rolling.window());
    if (rolling.window() < Rolling.WINDOW) {
      hint += ", as the run is shorter than two windows of %d".formatted(Rolling.WINDOW);
    }
    if (rolling.step() > 1) {
      hint += "; at one bar in %d".formatted(rolling.step());
    }
    page.heading("Rolling figures", hint);
    addRolling("Rolling Sharpe ratio", rolling, rolling.sharpe(), Texts::units);
    addRolling("Rolling volatility, a year", rolling, rolling.volatility(), Texts::shortPercent);
    addRolling("Rolling beta to buy and hold", rolling, rolling.beta(), Texts::units);
  }

  private void addRolling(String title, Rolling rolling, double[] values, Chart.Label label) {
    if (!Rolling.any(values)) {
      page.note(title + ": not defined, nothing moved.");
      return;
    }
    double[] defined = Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    page.note(title);
    page.wide(
        overTime(
                title,
                "%s: between %s and %s."
                    .formatted(title, label.of(least(defined)), label.of(most(defined))),
                130,
                Scale.roomy(Math.min(0, least(defined)), Math.max(0, most(defined))))
            .yAxis(label)
            .dayAxis()
            .horizontal("zero", 0)
            .line("strategy", rolling.times(), values)
            .svg());
  }

  private void addYears() {
    Map<Integer, Double> own = lastYears(curve.yearly());
    Map<Integer, Double> held = lastYears(curve.yearlyBenchmark());
    double least = Math.min(0, Math.min(least(own), least(held)));
    double most = Math.max(0, Math.max(most(own), most(held)));
    int first = own.keySet().stream().mapToInt(Integer::intValue).min().orElse(0);
    int last = own.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    page.heading("Years", "return of each calendar year, UTC; the first and the last may be parts");
    page.legend("own", "strategy", "held", "buy and hold");
    Chart chart =
        new Chart(
                "Return of each year",
                "Strategy beside buy and hold, years: %d; the figures are in the next table."
                    .formatted(own.size()),
                Chart.WIDE,
                180,
                Scale.of(first - 0.5, last + 0.5),
                Scale.roomy(least, most))
            .yAxis(Texts::shortPercent)
            .xAxis(year ->
                Math.abs(year - Math.rint(year)) < 1e-6 ? String.valueOf(Math.round(year)) : "")
            .horizontal("zero", 0);
    own.forEach((year, change) ->
        chart.bar("own", year - 0.4, year, change, year + ": " + Texts.percent(change)));
    held.forEach((year, change) ->
        chart.bar(
            "held", year, year + 0.4, change, year + ", buy and hold: " + Texts.percent(change)));
    page.wide(chart.svg());
  }

  private static Map<Integer, Double> lastYears(Map<Integer, Double> all) {
    TreeMap<Integer, Double> years = new TreeMap<>(all);
    return years.tailMap(years.lastKey() - YEARS_SHOWN, false);
  }

  private void addMonths() {
    Map<Integer, double[]> years = new TreeMap<>();
    Map<Integer, Double> whole = lastYears(curve.yearly());
    Map<Integer, Double> held = curve.yearlyBenchmark();
    for (Map.Entry<YearMonth, Double> month : curve.monthly().entrySet()) {
      if (whole.containsKey(month.getKey().getYear())) {
        years
                .computeIfAbsent(month.getKey().getYear(), _ -> emptyYear())[
                month.getKey().getMonthValue() - 1] =
            month.getValue();
      }
    }
    page.heading("Months", "percent");
    String[] headings = new String[MONTHS + 3];
    headings[0] = "year";
    for (int month = 1; month <= MONTHS; month++) {
      headings[month] = String.valueOf(month);
    }
    headings[MONTHS + 1] = "year";
    headings[MONTHS + 2] = "held";
    page.openTable(headings);
    years.forEach((year, row) -> {
      page.openRow(String.valueOf(year));
      for (double change : row) {
        addHeat(change);
      }
      addHeat(whole.getOrDefault(year, Double.NaN));
      addHeat(held.getOrDefault(year, Double.NaN));
      page.closeRow();
    });
    page.closeTable();
    if (whole.size() < curve.yearly().size()) {
      page.note("The last %d years.".formatted(YEARS_SHOWN));
    }
  }

  private static double[] emptyYear() {
    double[] months = new double[MONTHS];
    Arrays.fill(months, Double.NaN);
    return months;
  }

  private void addHeat(double change) {
    if (Double.isNaN(change)) {
      page.cell("", "");
      return;
    }
    long shade = Math.min(SHADES, Math.round(Math.abs(change) * 100 / 1.5));
    String css = shade == 0 ? "" : (change < 0 ? "down" : "up") + shade;
    page.cell(css, String.format(Locale.ROOT, "%+.1f", change * 100));
  }

  private void addReturns() {
    double[] returns = curve.returns();
    double reach = reach(returns);
    if (!(reach > 0)) {
      return;
    }
    int[] counts = new int[BINS];
    for (double r : returns) {
      int bin = (int) Math.floor((r + reach) / (2 * reach) * BINS);
      counts[Math.clamp(bin, 0, BINS - 1)]++;
    }
    int highest = Arrays.stream(counts).max().orElse(1);
    Chart chart =
        new Chart(
                "Returns of a bar",
                "How often which return of a bar came, in %d bins.".formatted(BINS),
                Chart.WIDE,
                200,
                Scale.of(-reach, reach),
                Scale.roomy(0, highest))
            .yAxis(value -> String.format(Locale.ROOT, "%.0f", value))
            .xAxis(value -> String.format(Locale.ROOT, "%+.3g %%", value * 100));
    for (int bin = 0; bin < BINS; bin++) {
      double from = -reach + 2 * reach * bin / BINS;
      double to = from + 2 * reach / BINS;
      chart.bar(
          to <= 0 ? "loss" : from >= 0 ? "win" : "neutral",
          from,
          to,
          counts[bin],
          String.format(
              Locale.ROOT, "%+.3f %% to %+.3f %%: %d bars", from * 100, to * 100, counts[bin]));
    }
    addRisk(chart, "value_at_risk_95", "value at risk", reach, 0);
    addRisk(chart, "cvar_95", "CVaR", reach, 1);
    page.heading(
        "Returns of a bar",
        "dashed: 5 % quantile (value at risk) and mean up to it (CVaR); what lies outside is in the"
            + " outermost bars");
    page.wide(chart.svg());
  }

  private void addRisk(Chart chart, String figure, String name, double reach, int line) {
    JsonNode value = result.path(figure);
    if (value.isNumber() && Math.abs(value.doubleValue()) <= reach) {
      double at = value.doubleValue();
      chart.vertical("risk", at, name + " " + Texts.percent(at), line);
    }
  }

  /** Largest return to be shown: a few far ones would press the rest into one bin. */
  private static double reach(double[] returns) {
    if (returns.length < 2) {
      return 0;
    }
    double[] sorted = returns.clone();
    Arrays.sort(sorted);
    int cut = sorted.length / 200;
    double usual = Math.max(-sorted[cut], sorted[sorted.length - 1 - cut]);
    double most = Math.max(-sorted[0], sorted[sorted.length - 1]);
    double reach = Math.min(most, 1.5 * usual);
    return Double.isFinite(reach) ? reach : 0;
  }

  private void addDrawdowns() {
    page.heading("Worst drawdowns");
    page.openTable("from", "lowest", "recovered", "depth", "bars", "days");
    long[] times = curve.times();
    for (Curve.Drawdown drawdown : curve.worst(DRAWDOWNS_SHOWN)) {
      double days = (times[drawdown.recovery()] - times[drawdown.peak()]) / 86_400.0;
      page.row(
          Texts.day(times[drawdown.peak()]),
          Texts.day(times[drawdown.trough()]),
          drawdown.recovered() ? Texts.day(times[drawdown.recovery()]) : "not yet",
          Texts.percent(-drawdown.depth()),
          String.valueOf(drawdown.recovery() - drawdown.peak()),
          String.format(Locale.ROOT, "%.0f", days));
    }
    page.closeTable();
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElse(0);
  }

  private static double most(double[] values) {
    return Arrays.stream(values).max().orElse(0);
  }

  private static double least(Map<Integer, Double> values) {
    return values.values().stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }

  private static double most(Map<Integer, Double> values) {
    return values.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
