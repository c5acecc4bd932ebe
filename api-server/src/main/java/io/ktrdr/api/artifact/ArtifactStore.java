package io.ktrdr.api.artifact;

import io.ktrdr.api.db.SharedRead;
import io.ktrdr.protocol.Sha256;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The table {@code artifacts}. Thread-safe. */
public final class ArtifactStore {

  private final Jdbi jdbi;
  private final SharedRead<Sha256, Boolean> existing;

  public ArtifactStore(Jdbi jdbi) {
    this.jdbi = jdbi;
    this.existing = new SharedRead<>(sha256 -> jdbi.withHandle(handle -> exists(handle, sha256)));
  }

  /** Keeps the bytes under their digest; keeping them again changes nothing. */
  public Sha256 put(byte[] bytes) {
    Sha256 sha256 = Sha256.of(bytes);
    if (!exists(sha256)) {
      jdbi.useHandle(handle ->
          handle
              .createUpdate(
                  """
                  insert into artifacts (sha256, bytes, size) values (:sha256, :bytes, :size)
                  on conflict do nothing
                  """)
              .bind("sha256", sha256.hex())
              .bind("bytes", bytes)
              .bind("size", bytes.length)
              .execute());
    }
    return sha256;
  }

  public Optional<byte[]> find(Sha256 sha256) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select bytes from artifacts where sha256 = :sha256")
            .bind("sha256", sha256.hex())
            .map((rs, _) -> rs.getBytes("bytes"))
            .findOne());
  }

  /** True when there are such bytes now. */
  public boolean exists(Sha256 sha256) {
    return existing.ask(sha256);
  }

  public boolean exists(Handle handle, Sha256 sha256) {
    return handle
        .createQuery("select exists (select 1 from artifacts where sha256 = :sha256)")
        .bind("sha256", sha256.hex())
        .mapTo(Boolean.class)
        .one();
  }
}
