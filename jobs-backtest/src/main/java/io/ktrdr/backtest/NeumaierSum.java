package io.ktrdr.backtest;

/**
 * A sum that loses no more than one rounding, however many terms there are. (A. Neumaier,
 * Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54, 1974.)
 */
final class NeumaierSum {

  private double sum;
  private double rest;

  NeumaierSum(double first) {
    this.sum = first;
  }

  void add(double term) {
    double next = sum + term;
    rest += Math.abs(sum) >= Math.abs(term) ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }

  double value() {
    return sum + rest;
  }

  /** Sum and compensation, each with every bit. */
  void exchange(StateStream stream) {
    sum = stream.number(sum);
    rest = stream.number(rest);
  }
}
