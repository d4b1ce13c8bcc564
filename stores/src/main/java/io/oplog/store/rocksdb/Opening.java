package io.oplog.store.rocksdb;

import io.oplog.protocol.EventId;
import java.util.ArrayList;
import java.util.List;

/**
 * That the store was opened with this head, and that commits from then on are at or after this
 * second. An id above the head with earlier seconds was given out by a history that was lost when
 * an older copy of the directory was put in place.
 */
record Opening(long head, long second) {
  private static final int MOST = 1024;
  private static final int BYTES = 16;

  boolean lost(EventId id) {
    return id.sequence() > head && id.seconds() < second;
  }

  /**
   * With one more; of those with one head the newest says it all, and of too many the oldest goes.
   */
  static List<Opening> with(List<Opening> openings, Opening newest) {
    List<Opening> all = new ArrayList<>(openings);
    all.removeIf(opening -> opening.head() == newest.head());
    all.add(newest);
    return List.copyOf(all.subList(Math.max(0, all.size() - MOST), all.size()));
  }

  static byte[] encode(List<Opening> openings) {
    byte[] bytes = new byte[openings.size() * BYTES];
    for (int i = 0; i < openings.size(); i++) {
      Bytes.putLong(bytes, i * BYTES, openings.get(i).head());
      Bytes.putLong(bytes, i * BYTES + 8, openings.get(i).second());
    }
    return bytes;
  }

  static List<Opening> decode(byte[] bytes) {
    List<Opening> openings = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += BYTES) {
      openings.add(new Opening(Bytes.getLong(bytes, at), Bytes.getLong(bytes, at + 8)));
    }
    return List.copyOf(openings);
  }
}
