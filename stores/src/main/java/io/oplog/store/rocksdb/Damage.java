package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Tells what RocksDB or a check found in words that say what to do. */
final class Damage {
  private static final String REMEDY =
      " Nothing was skipped. Stop the server and put a backup of the whole data directory in its"
          + " place; without one, move the directory away and start empty: consumers are then told"
          + " to reset.";

  private Damage() {}

  static StoreException.Damaged of(String what) {
    return of(what, null);
  }

  static StoreException.Damaged of(String what, @Nullable Throwable cause) {
    String end = what.endsWith(".") ? "" : ".";
    return new StoreException.Damaged(what + end + REMEDY, cause);
  }

  /** While the database is open. */
  static StoreException inUse(Path directory, RocksDBException e) {
    if (isFull(e)) {
      return full(directory, e);
    }
    if (code(e) == Status.Code.Corruption || saysMissing(e)) {
      return of("a file in " + directory + " is damaged: " + e.getMessage(), e);
    }
    return new StoreException.Unavailable(
        "the disk under " + directory + " failed: " + e.getMessage(), e);
  }

  /** While it is being opened: whatever cannot be read then is damage. */
  static StoreException atOpen(Path directory, RocksDBException e) {
    if (isFull(e)) {
      return full(directory, e);
    }
    if (code(e) == Status.Code.IOError && !saysMissing(e)) {
      return new StoreException.Unavailable("cannot open " + directory + ": " + e.getMessage(), e);
    }
    return of("a file in " + directory + " is damaged: " + e.getMessage(), e);
  }

  private static StoreException full(Path directory, RocksDBException e) {
    return new StoreException.Unavailable(
        "the disk under " + directory + " is full: free some space (" + e.getMessage() + ")", e);
  }

  private static boolean isFull(RocksDBException e) {
    Status status = e.getStatus();
    return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || String.valueOf(e.getMessage()).contains("No space left");
  }

  private static boolean saysMissing(RocksDBException e) {
    return String.valueOf(e.getMessage()).contains("No such file");
  }

  private static Status.@Nullable Code code(RocksDBException e) {
    return e.getStatus() == null ? null : e.getStatus().getCode();
  }
}
