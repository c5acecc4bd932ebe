/**
 * The API process: its settings, its composition root and its main.
 *
 * <p>May depend on: every package below it; nothing depends on it.
 */
@NullMarked
package io.ktrdr.api;

import org.jspecify.annotations.NullMarked;
