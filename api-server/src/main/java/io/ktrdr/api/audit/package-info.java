/**
 * What operators did by hand.
 *
 * <p>May depend on: jdbi only.
 */
@NullMarked
package io.ktrdr.api.audit;

import org.jspecify.annotations.NullMarked;
