package io.ktrdr.backtest;

/**
 * Something the user should know before trusting the numbers.
 *
 * @param code stable, upper case
 */
record Warning(String code, String message) {}
