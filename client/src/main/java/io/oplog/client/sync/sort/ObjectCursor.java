package io.oplog.client.sync.sort;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The objects of sorted entries: of several entries of one object the last. Thread-confined. */
public final class ObjectCursor implements Closeable {
  private final RunMerge merge;
  private final Repeated repeated;
  private final EntryBytes key = new EntryBytes();
  private @Nullable EntryBytes ahead;
  private boolean isStarted;
  private long passed;

  ObjectCursor(RunMerge merge, Repeated repeated) {
    this.merge = merge;
    this.repeated = repeated;
  }

  /** Hears that there is another entry of the same object. */
  @FunctionalInterface
  public interface Repeated {
    /** That is right: the newest counts. */
    Repeated ALLOWED = (before, by) -> {};

    /** The later one counts, unless this throws. */
    void replaced(Entry before, Entry by) throws IOException;
  }

  /** The next object; null at the end. */
  public @Nullable Entry next() throws IOException {
    if (!isStarted) {
      ahead = merge.next();
      isStarted = true;
    }
    EntryBytes first = ahead;
    if (first == null) {
      return null;
    }
    key.copy(first);
    Entry entry = null;
    while (ahead != null && EntryBytes.compareKeys(ahead, key) == 0) {
      Entry next = ahead.decode();
      if (entry != null) {
        repeated.replaced(entry, next);
      }
      entry = next;
      ahead = merge.next();
      passed++;
    }
    return entry;
  }

  /** Below 0 when the object that was returned last comes before that of another cursor. */
  public int compareObjects(ObjectCursor other) {
    return EntryBytes.compareKeys(key, other.key);
  }

  /** How many entries were passed. */
  public long passed() {
    return passed;
  }

  @Override
  public void close() throws IOException {
    merge.close();
  }
}
