package io.oplog.store.rocksdb;

import io.oplog.protocol.FrameFields;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.FrameKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Raw parents as stored: for each its length (4 bytes) and its bytes as they stand in a frame. */
final class ParentList {
  static final byte[] NONE = {};

  private ParentList() {}

  /** The parents of a frame. */
  static byte[] of(FrameFields fields) {
    byte[] list = NONE;
    int length = length(fields);
    if (length > 0) {
      list = new byte[length];
      fill(list, fields);
    }
    return list;
  }

  private static int length(FrameFields fields) {
    int length = 0;
    fields.rewindParents();
    while (fields.nextParent()) {
      length += Integer.BYTES + fields.parentEnd() - fields.parentStart();
    }
    return length;
  }

  private static void fill(byte[] list, FrameFields fields) {
    int at = 0;
    fields.rewindParents();
    while (fields.nextParent()) {
      int length = fields.parentEnd() - fields.parentStart();
      Bytes.putInt(list, at, length);
      System.arraycopy(fields.bytes(), fields.parentStart(), list, at + Integer.BYTES, length);
      at += Integer.BYTES + length;
    }
  }

  /** The parents of {@code before} that {@code now} does not name. */
  static byte[] left(byte[] before, byte[] now) {
    if (before.length == 0 || Arrays.equals(before, now)) {
      return NONE;
    }
    Set<FrameKey> named = keys(now);
    byte[] left = new byte[before.length];
    int length = 0;
    FrameKey probe = FrameKey.probe();
    for (int at = 0; at < before.length; at = end(before, at)) {
      int end = end(before, at);
      if (!named.contains(probe.reset(before, at + Integer.BYTES, end))) {
        System.arraycopy(before, at, left, length, end - at);
        length += end - at;
      }
    }
    return length == before.length ? left : Arrays.copyOf(left, length);
  }

  private static Set<FrameKey> keys(byte[] list) {
    Set<FrameKey> keys = new HashSet<>();
    for (int at = 0; at < list.length; at = end(list, at)) {
      keys.add(FrameKey.of(list, at + Integer.BYTES, end(list, at)));
    }
    return keys;
  }

  private static int end(byte[] list, int at) {
    return at + Integer.BYTES + Bytes.getInt(list, at);
  }

  /** Whether a filter names one of the parents from {@code from} to the end of {@code bytes}. */
  static boolean matches(FrameFilter filter, byte[] bytes, int from) {
    for (int at = from; at < bytes.length; at = end(bytes, at)) {
      if (filter.matchesParent(bytes, at + Integer.BYTES, end(bytes, at))) {
        return true;
      }
    }
    return false;
  }
}
