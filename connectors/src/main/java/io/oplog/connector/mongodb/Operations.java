package io.oplog.connector.mongodb;

import io.oplog.connector.document.ChangeTime;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * The operations that an entry makes visible, in their order: its own, and before them those of the
 * earlier entries of its transaction. These are looked up when it is committed, one at a time, as
 * long ago as they may be: so nothing is kept that may never be committed, and whoever goes on
 * after a part of them finds them again. One thread.
 */
final class Operations {

  /** Reads entries before the one that was met. */
  interface Earlier {
    /**
     * The entry at a time.
     *
     * @param isWhole whether with what it says
     * @throws PositionLostException when the server no longer has it
     */
    Entry at(long time, boolean isWhole) throws IOException, InterruptedException;
  }

  private final Entry entry;
  private final Earlier before;
  private final Deque<Long> earlier = new ArrayDeque<>();
  private Iterator<RawBsonDocument> current = Collections.emptyIterator();
  private boolean isLast;

  /**
   * Finds the entries before it.
   *
   * @param entry that was met; where it is held itself, it makes nothing visible
   */
  Operations(Entry entry, Earlier before) throws IOException, InterruptedException {
    this.entry = entry;
    this.before = before;
    this.isLast = entry.isHeld();
    if (!isLast && (entry.isCommit() || entry.isApplied())) {
      findEarlier();
    }
  }

  /** An entry of something else in the same session may be named as the one before, too. */
  private void findEarlier() throws IOException, InterruptedException {
    long time = entry.previous();
    while (time != 0) {
      Entry one = before.at(time, false);
      boolean isPart = one.isHeld() && one.isOfSame(entry);
      if (isPart) {
        earlier.addFirst(time);
      }
      time = isPart ? one.previous() : 0;
    }
    if (entry.isCommit() && earlier.isEmpty()) {
      throw new IOException(
          "the oplog's entry at "
              + new ChangeTime(entry.time(), 0)
              + " cannot be read: it commits a transaction that it does not name");
    }
  }

  Entry entry() {
    return entry;
  }

  /** The next one; null after the last. */
  @Nullable RawBsonDocument next() throws IOException, InterruptedException {
    while (!current.hasNext() && !isLast) {
      Long time = earlier.pollFirst();
      isLast = time == null;
      current = (time == null ? entry : before.at(time, true)).operations().iterator();
    }
    return current.hasNext() ? current.next() : null;
  }
}
