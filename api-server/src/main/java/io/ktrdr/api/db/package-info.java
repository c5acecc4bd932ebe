/**
 * The database connection pool and the schema's migrations.
 *
 * <p>May depend on: {@code io.ktrdr.protocol}, Jdbi, HikariCP, Flyway.
 */
@NullMarked
package io.ktrdr.api.db;

import org.jspecify.annotations.NullMarked;
