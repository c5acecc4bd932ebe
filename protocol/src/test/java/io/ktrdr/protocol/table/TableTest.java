package io.ktrdr.protocol.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import io.ktrdr.protocol.Json;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {

  private static final List<Column> COLUMNS =
      List.of(
          Column.time("time"),
          Column.integer("count"),
          Column.number("price"),
          Column.number("noise"),
          Column.ofFloats("share"),
          Column.word("side"));

  /** None, one, and around the size of a block. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 16_383, 16_384, 16_385, 50_000})
  void everyCellComesBackToTheLastBit(int rows) {
    TableReader table = new TableReader(written(rows));

    assertThat(table.rows()).isEqualTo(rows);
    assertThat(table.columns()).isEqualTo(COLUMNS);
    Random random = new Random(rows);
    for (int row = 0; row < rows; row++) {
      assertThat(table.next()).isTrue();
      assertThat(table.integer(0)).isEqualTo(time(random, row));
      assertThat(table.integer(1)).isEqualTo(random.nextLong());
      assertThat(table.number(table.column("price"))).isEqualTo(price(random));
      assertThat(Double.doubleToRawLongBits(table.number(3))).isEqualTo(bits(random));
      assertThat(table.ofFloat(4)).isEqualTo(random.nextFloat());
      assertThat(table.word(5)).isEqualTo(word(random));
    }
    assertThat(table.next()).isFalse();
  }

  @Test
  void numbersThatAreFewDecimalsKeepTheirSigns() {
    double[] values = {0.0, -0.0, 1.1, -1.1, 1e15, 0.1 + 0.2, Double.MIN_VALUE, 1e300, -3};
    for (double first : values) {
      for (double second : values) {
        byte[] bytes =
            new TableWriter(List.of(Column.number("x")), 2).number(first).number(second).finish();
        TableReader table = new TableReader(bytes);
        assertThat(table.next()).isTrue();
        assertThat(table.number(0)).isEqualTo(first);
        assertThat(table.next()).isTrue();
        assertThat(table.number(0)).isEqualTo(second);
      }
    }
  }

  @Test
  void aRowAsJsonHasTheFieldsInTheirOrder() throws Exception {
    byte[] bytes =
        new TableWriter(COLUMNS, 1)
            .time(1_704_067_200)
            .integer(-7)
            .number(1.1042)
            .number(100_000)
            .ofFloat(0.61f)
            .word("LONG \"x\"")
            .finish();
    TableReader table = new TableReader(bytes);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.mapper().createGenerator(text)) {
      assertThat(table.next()).isTrue();
      table.writeRow(json);
    }
    assertThat(text)
        .hasToString(
            "{\"time\":\"2024-01-01T00:00:00Z\",\"count\":-7,\"price\":1.1042,"
                + "\"noise\":100000.0,\"share\":0.61,\"side\":\"LONG \\\"x\\\"\"}");
    assertThat(IntStream.range(0, 6).mapToObj(table::text))
        .containsExactly("2024-01-01T00:00:00Z", "-7", "1.1042", "100000.0", "0.61", "LONG \"x\"");
  }

  @Test
  void equalTablesHaveEqualBytes() {
    assertThat(written(20_000)).isEqualTo(written(20_000));
  }

  /** Prices of five decimals, every minute: what a row takes is little more than its equity. */
  @Test
  void regularTimesAndDecimalsTakeLittle() {
    int rows = 100_000;
    Random random = new Random(1);
    TableWriter table =
        new TableWriter(
            List.of(Column.time("t"), Column.number("price"), Column.word("side")), rows);
    long price = 110_000;
    for (int row = 0; row < rows; row++) {
      price += random.nextInt(21) - 10;
      table.time(1_704_067_200 + 60L * row).number(price / 1e5).word(row % 100 < 50 ? "L" : "S");
    }
    assertThat(table.finish().length).isLessThan(2 * rows);
  }

  /** As an equity curve while a position is open: what is noise takes its bytes and no more. */
  @Test
  void numbersWhoseLastDigitsAreNoiseTakeNoMoreThanTheirBytes() {
    int rows = 50_000;
    Random random = new Random(1);
    TableWriter writer = new TableWriter(List.of(Column.number("equity")), rows);
    double[] equity = new double[rows];
    for (int row = 0; row < rows; row++) {
      equity[row] = 100_000 + 10 * random.nextGaussian();
      writer.number(equity[row]);
    }
    byte[] bytes = writer.finish();

    assertThat(bytes.length).isLessThan(13 * rows / 2);
    TableReader table = new TableReader(bytes);
    for (double value : equity) {
      assertThat(table.next()).isTrue();
      assertThat(table.number(0)).isEqualTo(value);
    }
    assertThat(table.next()).isFalse();
  }

  @Test
  void aTableThatIsCutOrDamagedIsRefused() {
    byte[] whole = written(1_000);
    int refused = 0;
    for (int length : new int[] {0, 4, 5, 20, whole.length / 2, whole.length - 1}) {
      assertRefused(Arrays.copyOf(whole, length));
    }
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(rows(damaged)).as("bits nobody reads").isEqualTo(rows(whole));
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(190);
  }

  private static void assertRefused(byte[] bytes) {
    assertThatThrownBy(() -> rows(bytes)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> rows(byte[] bytes) {
    TableReader table = new TableReader(bytes);
    List<String> rows = new ArrayList<>();
    while (table.next()) {
      rows.add(IntStream.range(0, COLUMNS.size()).mapToObj(table::text).toList().toString());
    }
    return rows;
  }

  @Test
  void cellsOfAnotherKindAndRowsTooManyOrTooFewAreRefused() {
    List<Column> one = List.of(Column.integer("x"));
    assertThatThrownBy(() -> new TableWriter(one, 1).number(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TableWriter(one, 1).integer(1).integer(2))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new TableWriter(one, 2).integer(1).finish())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new TableReader("[]".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] written(int rows) {
    Random random = new Random(rows);
    TableWriter table = new TableWriter(COLUMNS, rows);
    for (int row = 0; row < rows; row++) {
      table
          .time(time(random, row))
          .integer(random.nextLong())
          .number(price(random))
          .number(Double.longBitsToDouble(bits(random)))
          .ofFloat(random.nextFloat())
          .word(word(random));
    }
    return table.finish();
  }

  private static long time(Random random, int row) {
    return 86_400L * row + (random.nextInt(10) == 0 ? random.nextInt(86_400) : 0);
  }

  private static double price(Random random) {
    return random.nextInt(2_000_000) / 1e5;
  }

  /** Any bits but those of a NaN, which need not be kept. */
  private static long bits(Random random) {
    return random.nextLong() & ~(1L << 62);
  }

  private static String word(Random random) {
    return random.nextBoolean() ? "LONG" : "SHORT";
  }
}
