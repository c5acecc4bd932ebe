/**
 * What a handler's own tests need: a run without broker and database, and the tests that every
 * handler has to pass. Not on any process's class path.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, {@code io.ktrdr.worker}.
 */
@NullMarked
package io.ktrdr.worker.testkit;

import org.jspecify.annotations.NullMarked;
