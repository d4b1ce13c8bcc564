package io.oplog.store.rocksdb;

import io.oplog.protocol.FrameFilter;
import java.util.Arrays;

/**
 * That an object left parents, under the sequence of the operation that no longer named them:
 * commit time in ms (8) | length of the object's key (4) | key | {@link ParentList} of what was
 * left.
 */
@SuppressWarnings("ArrayRecordComponent") // a view of the stored bytes, never compared
record LeftRecord(byte[] bytes) {
  private static final int KEY = 12;

  static void put(BatchBytes batch, long sequence, long millis, byte[] key, byte[] left) {
    int at = batch.startPut(Family.LEFT, sequence, KEY + key.length + left.length);
    byte[] out = batch.bytes();
    Bytes.putLong(out, at, millis);
    Bytes.putInt(out, at + 8, key.length);
    System.arraycopy(key, 0, out, at + KEY, key.length);
    System.arraycopy(left, 0, out, at + KEY + key.length, left.length);
  }

  private int keyEnd() {
    return KEY + Bytes.getInt(bytes, 8);
  }

  byte[] key() {
    return Arrays.copyOfRange(bytes, KEY, keyEnd());
  }

  /** Whether a filter asks for the object's type and for one of the parents it left. */
  boolean matches(FrameFilter filter) {
    int typeEnd = KEY;
    while (bytes[typeEnd] != '/') {
      typeEnd++;
    }
    return filter.matchesType(bytes, KEY, typeEnd) && ParentList.matches(filter, bytes, keyEnd());
  }
}
