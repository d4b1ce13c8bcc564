package io.oplog.core.store;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The store cannot do what was asked. The message says what is wrong and what to do. */
public class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What is wrong, and what to do; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), "");
  }

  /**
   * Bytes on the disk are not what was written: data is missing, and nothing is skipped silently.
   */
  public static final class Damaged extends StoreException {
    private static final long serialVersionUID = 1L;

    public Damaged(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Another process holds the store. */
  public static final class Locked extends StoreException {
    private static final long serialVersionUID = 1L;

    public Locked(String message) {
      super(message);
    }
  }

  /** The place that was configured cannot hold this store: another is to be chosen. */
  public static final class Misplaced extends StoreException {
    private static final long serialVersionUID = 1L;

    public Misplaced(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Whoever we say we are is not known there, or has no right to what the store needs. */
  public static final class Denied extends StoreException {
    private static final long serialVersionUID = 1L;

    public Denied(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** For now it cannot be done, such as on a full disk; to be tried again. */
  public static final class Unavailable extends StoreException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
