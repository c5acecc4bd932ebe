/**
 * What operations have made, for people and programs: trades, equity curves and reports.
 *
 * <p>May depend on: {@code report}, {@code http}, {@code io.ktrdr.market}, {@code
 * io.ktrdr.strategy}.
 */
@NullMarked
package io.ktrdr.api.result;

import org.jspecify.annotations.NullMarked;
