package io.oplog.client.sync;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The objects of sorted entries: of several entries of one object the last. Thread-confined. */
class ObjectCursor {
  private final RunMerge merge;
  private final EntryBytes key = new EntryBytes();
  private @Nullable EntryBytes ahead;
  private boolean isStarted;
  private long passed;

  ObjectCursor(RunMerge merge) {
    this.merge = merge;
  }

  /** The next object; null at the end. */
  @Nullable Entry next() throws IOException {
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
        replaced(entry, next);
      }
      entry = next;
      ahead = merge.next();
      passed++;
    }
    return entry;
  }

  /** There is another entry of the same object. */
  void replaced(Entry before, Entry by) throws IOException {
    // the newest counts
  }

  /** The key of the object that was returned last. */
  EntryBytes key() {
    return key;
  }

  /** How many entries were passed. */
  long passed() {
    return passed;
  }
}
