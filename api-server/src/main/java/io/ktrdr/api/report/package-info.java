/**
 * Backtests on one page for people: charts, tables and every convention, in one file.
 *
 * <p>May depend on: {@code io.ktrdr.strategy}, {@code io.ktrdr.market}, {@code io.ktrdr.protocol}.
 */
@NullMarked
package io.ktrdr.api.report;

import org.jspecify.annotations.NullMarked;
