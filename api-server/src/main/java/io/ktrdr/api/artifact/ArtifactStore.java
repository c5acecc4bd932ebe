package io.ktrdr.api.artifact;

import io.ktrdr.api.db.SharedRead;
import io.ktrdr.protocol.Sha256;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The table {@code artifacts}. What was stored for its own sake stays for good; what was only ever
 * stored as a checkpoint may go once no run has it. Thread-safe.
 */
public final class ArtifactStore {

  private final Jdbi jdbi;
  private final SharedRead<Sha256, Boolean> kept;

  public ArtifactStore(Jdbi jdbi) {
    this.jdbi = jdbi;
    this.kept = new SharedRead<>(sha256 -> jdbi.withHandle(handle -> isKept(handle, sha256)));
  }

  /** Keeps the bytes for good under their digest; keeping them again changes nothing. */
  public Sha256 put(byte[] bytes) {
    Sha256 sha256 = Sha256.of(bytes);
    if (!isKept(sha256)) {
      insert(
          sha256,
          bytes,
          """
          insert into artifacts (sha256, bytes, size) values (:sha256, :bytes, :size)
          on conflict (sha256) do update set checkpoint_stored_at = null
            where artifacts.checkpoint_stored_at is not null
          """);
    }
    return sha256;
  }

  /** Keeps the bytes until no run has them as its checkpoint, unless they are kept for good. */
  public void putCheckpoint(byte[] bytes) {
    // A removal that is under way is waited for, and undone; one that comes later sees the new
    // time.
    insert(
        Sha256.of(bytes),
        bytes,
        """
        insert into artifacts (sha256, bytes, size, checkpoint_stored_at)
        values (:sha256, :bytes, :size, clock_timestamp())
        on conflict (sha256) do update set checkpoint_stored_at = clock_timestamp()
          where artifacts.checkpoint_stored_at is not null
        """);
  }

  private void insert(Sha256 sha256, byte[] bytes, String sql) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(sql)
            .bind("sha256", sha256.hex())
            .bind("bytes", bytes)
            .bind("size", bytes.length)
            .execute());
  }

  public Optional<byte[]> find(Sha256 sha256) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select bytes from artifacts where sha256 = :sha256")
            .bind("sha256", sha256.hex())
            .map((rs, _) -> rs.getBytes("bytes"))
            .findOne());
  }

  /** True when there are such bytes and they stay for good. */
  public boolean isKept(Sha256 sha256) {
    return kept.ask(sha256);
  }

  private static boolean isKept(Handle handle, Sha256 sha256) {
    return handle
        .createQuery(
            """
            select exists (select 1 from artifacts
                           where sha256 = :sha256 and checkpoint_stored_at is null)
            """)
        .bind("sha256", sha256.hex())
        .mapTo(Boolean.class)
        .one();
  }

  /** True when there are such bytes now, be it as a checkpoint only. */
  public boolean exists(Handle handle, Sha256 sha256) {
    return handle
        .createQuery("select exists (select 1 from artifacts where sha256 = :sha256)")
        .bind("sha256", sha256.hex())
        .mapTo(Boolean.class)
        .one();
  }
}
