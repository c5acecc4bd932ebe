package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

/** What the catalogue knows about one CSV file. */
public sealed interface Listing {

  /** Without folder. */
  String fileName();

  /** Read and valid. */
  record Available(Dataset dataset) implements Listing {

    public Available {
      requireNonNull(dataset, "dataset is null");
    }

    @Override
    public String fileName() {
      return requireNonNull(dataset.file().getFileName(), "a dataset's file has a name").toString();
    }
  }

  /** There, but not usable; {@code code} and {@code message} are those of the refusal. */
  record Damaged(String fileName, String code, String message) implements Listing {

    public Damaged {
      requireNonNull(fileName, "fileName is null");
      requireNonNull(code, "code is null");
      requireNonNull(message, "message is null");
    }
  }
}
