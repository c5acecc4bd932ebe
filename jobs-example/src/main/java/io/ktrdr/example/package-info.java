/**
 * A job type of one's own, to be copied: an operation that estimates π. See docs/new-job-type.md.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.worker}.
 */
@NullMarked
package io.ktrdr.example;

import org.jspecify.annotations.NullMarked;
