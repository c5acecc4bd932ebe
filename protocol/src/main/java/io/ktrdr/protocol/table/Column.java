package io.ktrdr.protocol.table;

import static java.util.Objects.requireNonNull;

/**
 * A column of a table.
 *
 * @param name what JSON and CSV call it
 * @param kind what its cells are
 */
public record Column(String name, Kind kind) {

  /** What the cells of a column are, and how they are written as JSON. */
  public enum Kind {
    /** Epoch seconds, in JSON ISO-8601 in UTC. */
    TIME(1),
    /** A long. */
    INTEGER(2),
    /** A double; every bit is kept. */
    NUMBER(3),
    /** A float; every bit is kept. */
    FLOAT(4),
    /** One of a few texts. */
    WORD(5);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Kind ofCode(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("a column of kind " + code);
    }
  }

  public Column {
    requireNonNull(name, "name is null");
    requireNonNull(kind, "kind is null");
  }

  public static Column time(String name) {
    return new Column(name, Kind.TIME);
  }

  public static Column integer(String name) {
    return new Column(name, Kind.INTEGER);
  }

  public static Column number(String name) {
    return new Column(name, Kind.NUMBER);
  }

  public static Column ofFloats(String name) {
    return new Column(name, Kind.FLOAT);
  }

  public static Column word(String name) {
    return new Column(name, Kind.WORD);
  }
}
