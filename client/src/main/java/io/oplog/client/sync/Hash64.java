package io.oplog.client.sync;

import java.nio.charset.StandardCharsets;

/** A hash of 64 bits that spreads well; not against somebody who looks for collisions. */
final class Hash64 {
  private static final long PRIME = 0x100000001b3L;
  private static final long START = 0xcbf29ce484222325L;

  private Hash64() {}

  /** Of the bytes between two offsets. */
  static long of(byte[] bytes, int from, int to) {
    long hash = START;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * PRIME;
    }
    return mixed(hash);
  }

  /** Of an object's type and id. */
  static long ofObject(String type, String id) {
    byte[] key = (type + '\0' + id).getBytes(StandardCharsets.UTF_8);
    return of(key, 0, key.length);
  }

  private static long mixed(long hash) {
    long a = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    long b = (a ^ a >>> 33) * 0xc4ceb9fe1a85ec53L;
    return b ^ b >>> 33;
  }
}
