/**
 * Price bars: read from CSV, validated on the way in, listed in a catalogue. Nothing downstream has
 * to ask again whether bars are sorted, finite or consistent.
 *
 * <p>May depend on: protocol, fastcsv.
 */
@NullMarked
package io.ktrdr.market;

import org.jspecify.annotations.NullMarked;
