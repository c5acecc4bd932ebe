/**
 * Tables of millions of rows as compact bytes: how trades and equity curves are kept.
 *
 * <p>May depend on: the JDK and Jackson.
 */
@NullMarked
package io.ktrdr.protocol.table;

import org.jspecify.annotations.NullMarked;
