package io.ktrdr.strategy.indicator;

import java.util.List;

/** A parameter of an indicator type: its name, what it may be, and what it is when left out. */
public sealed interface IndicatorParameter {

  String name();

  Object defaultValue();

  /** For messages, e.g. {@code a whole number from 2 to 100}. */
  String range();

  /** A whole number from {@code min} to {@code max}, both allowed. */
  record Whole(String name, int standard, int min, int max) implements IndicatorParameter {

    @Override
    public Integer defaultValue() {
      return standard;
    }

    @Override
    public String range() {
      return "a whole number from %d to %d".formatted(min, max);
    }
  }

  /** A number above {@code above}, up to {@code max}. */
  record Real(String name, double standard, double above, double max)
      implements IndicatorParameter {

    @Override
    public Double defaultValue() {
      return standard;
    }

    @Override
    public String range() {
      return "a number above %s, at most %s".formatted(above, max);
    }
  }

  /** One of some words. */
  record Word(String name, String standard, List<String> choices) implements IndicatorParameter {

    @Override
    public String defaultValue() {
      return standard;
    }

    @Override
    public String range() {
      return "one of " + String.join(", ", choices);
    }
  }

  /** Yes or no. */
  record Flag(String name, boolean standard) implements IndicatorParameter {

    @Override
    public Boolean defaultValue() {
      return standard;
    }

    @Override
    public String range() {
      return "true or false";
    }
  }
}
